// @ts-check
/// <reference path="types.d.ts" />
// Labels machine-generated text, counts who sees it, opens the report dialog.
(() => {
  const NAME = "machine-generated";
  const MARKED = "machine-generated,[data-machine-generated]:not([data-machine-generated=false])";
  const FIELDS = ["model", "provider", "content", "review", "layout", "lang"];
  const LANGUAGES = "ar de es fr he hi it ja nl pl pt tr zh";
  const ENGLISH = {
    lang: "en", dir: "ltr",
    label: "Machine-generated",
    label_reviewed: "Machine-generated, reviewed by a person",
    label_chat: "You are chatting with a machine",
    model: "Model", provider: "Provider",
    reviewed: "Reviewed by a person", not_reviewed: "Not reviewed by a person",
    what: "What is this?", report: "Report",
    withdrawn: "This text was withdrawn by a moderator.",
  };
  const STYLE = `
:host(machine-generated){display:block}
:host(machine-generated[layout=inline]){display:inline}
:host([format=text]) slot{white-space:pre-wrap}
.label,[part=notice]{all:initial;visibility:inherit;color-scheme:inherit;font:600 13px/16px var(--machine-generated-font,system-ui,sans-serif);color:var(--machine-generated-color,light-dark(#222,#eee));--accent:var(--machine-generated-accent,light-dark(#05c,#8bf));--ground:var(--machine-generated-background,light-dark(#fff,#222));--line:1px solid var(--machine-generated-border,light-dark(#ccc,#555))}
.label{display:flex;align-items:start;gap:4px;width:fit-content;margin-bottom:var(--machine-generated-gap,8px)}
.label[hidden]{display:none}
:host(:is([layout=inline],[data-layout=inline],span)) .label{display:inline-flex;vertical-align:middle;margin:0 8px 0 0}
[part=badge],[part=report]{display:flex;align-items:center;gap:6px;box-sizing:border-box;min-height:24px;padding:3px 8px;border:1px solid #0000;border-radius:12px;background:var(--ground);color:inherit;text-decoration:none;cursor:pointer}
[part=badge]{padding-inline:4px 8px;border:var(--line)}
[part=badge]::after{content:"▾"/""}
[part=report]{font-weight:500}
[part=report]::before{content:"⚑"/""}
.mark{color:var(--accent)}
span.mark::before{content:"AI"/"";border-radius:4px;padding:0 5px;font-size:11px;background:var(--accent);color:var(--ground);forced-color-adjust:none;print-color-adjust:exact}
.about{width:max-content;max-width:min(280px,80vw);margin-block:4px;margin-inline-end:-999px;box-sizing:border-box;overflow-wrap:anywhere}
.about,[part=notice]{display:grid;padding:8px 12px;border:var(--line);border-radius:8px;background:var(--ground);font-weight:400;line-height:20px}
.about a{padding:2px 0;color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
`;
  if (customElements.get(NAME)) return;
  const tag = /** @type {HTMLScriptElement} */ (document.currentScript);
  const { site = "", viewer, theme = "", lang: chosen } = tag.dataset;
  const base = new URL(tag.src.includes("/widget/") ? "." : "widget/current/", tag.src).href;
  const host = new URL("../../", base).href;
  /** @type {Shared} */
  const { words, labels, counted, verdicts, inView, views } = { words: {}, labels: new WeakMap(), counted: new Set(), verdicts: new Map(), inView: new Set(), views: [] };
  const sheet = new CSSStyleSheet();
  let delay = 250;

  /** Never throws into the page. @type {Quietly} */
  const quietly = (work) => async (...of) => { try { await work(...of); } catch {} };

  /** @type {Make} */
  const make = (name, part, ...inside) => {
    const node = document.createElement(name);
    node.append(...inside);
    return Object.assign(node, { part, className: part });
  };

  class Label {
    fresh = true;
    near = false;
    shown = false;
    timer = 0;
    hash = "";

    /** @param {Marked} el */
    constructor(el) {
      this.el = el;
      this.root = this.attach(el.shadowRoot);
      this.rendered = this.find(".label");
      if (!this.rendered) this.root.append(
        make("span", "label",
          make("details", "details", make("summary", "badge", make("span", "mark"), make("span", "words")), make("span", "about")),
          make("a", "report")),
        make("slot", ""));
      this.root.adoptedStyleSheets = [sheet];
      this.box = this.find(".label");
      this.box.style.colorScheme = theme.replace("auto", "");
      this.badge = this.find("[part=badge]");
      /** @type {HTMLAnchorElement} */
      const link = this.link = this.find("[part=report]") ?? make("a", "report");
      link.role = "button";
      link.onpointerdown = quietly(() => { this.range = getSelection()?.getRangeAt(0).cloneRange(); });
      link.onclick = (event) => { event.preventDefault(); this.report(); };
      link.onkeydown = (event) => { if (event.key === " ") event.preventDefault(), this.report(); };
      el.openReport = () => this.report();
      for (const target of [el, this.badge]) labels.set(target, this), eye.observe(target);
      this.tell("labelled");
    }

    /** @type {Attach} */
    attach(own) {
      const { el } = this, place = own ?? el;
      if (own?.querySelector("[part=badge]")) return own;
      if (!own && (el.localName === NAME || !el.localName.includes("-")))
        try { return el.attachShadow({ mode: "open" }); } catch {}
      const stand = place.querySelector(":scope>.machine-label") ?? make("div", "machine-label");
      place.prepend(stand);
      return stand.shadowRoot ?? stand.attachShadow({ mode: "open" });
    }

    /** @param {string} selector @returns {any} */
    find(selector) { return this.root.querySelector(selector); }

    /** @param {string} name @param {object} [detail] */
    tell(name, detail) { this.el.dispatchEvent(new CustomEvent(NAME + ":" + name, { bubbles: true, composed: true, detail })); }

    facts() {
      const { el } = this, prefix = el.localName === NAME ? "" : "data-";
      return { ...Object.fromEntries(FIELDS.map((name) => [name, el.getAttribute(prefix + name) ?? undefined])), ...verdicts.get(this.hash)?.corrected };
    }

    write() {
      const { el, box, link, root, rendered } = this, { model, provider, review, layout, lang, content = "" } = this.facts();
      const reviewed = review === "human", slot = this.find("slot"), withdrawn = verdicts.get(this.hash)?.withdrawn ?? "";
      for (const [name, value] of Object.entries({ disclosure: reviewed ? "ai-assisted" : "ai-autonomous", model, provider }))
        if (value && el.getAttribute("ai-" + name) !== value) el.setAttribute("ai-" + name, value);
      box.hidden = !el.matches(MARKED);
      link.href = `${host}report?site=${site}&content=${content}`;
      this.rendered = false;
      const code = (chosen || lang || el.closest("[lang]")?.getAttribute("lang") || "en").split("-")[0].toLowerCase();
      if (rendered && (box.lang || code).startsWith(code)) return;
      const known = words[code] ??= LANGUAGES.includes(code)
        ? fetch(`${base}words/${code}.json`).then((answer) => answer.json()).catch(() => ENGLISH).then((theirs) => { words[code] = theirs; }) : ENGLISH;
      const say = known.then ? ENGLISH : known;
      known.then?.(() => this.write());
      box.lang = say.lang;
      box.dir = say.dir;
      link.textContent = say.report;
      this.find(".words").textContent = layout === "chat" ? say.label_chat : reviewed ? say.label_reviewed : say.label;
      this.find(".about").replaceChildren(
        make("span", "", model ? say.model + ": " + model : ""), make("span", "", provider ? say.provider + ": " + provider : ""),
        make("span", "", reviewed ? say.reviewed : say.not_reviewed),
        Object.assign(make("a", "", say.what), { href: host, target: "_blank" }));
      if (!slot || !withdrawn && !slot.name) return;
      if (withdrawn && !slot.name) this.tell(withdrawn);
      slot.name = withdrawn; // no text goes there: the notice in it shows
      slot.replaceChildren(withdrawn && Object.assign(make("span", "notice", say.withdrawn), { role: "note", lang: say.lang, dir: say.dir }));
      if (withdrawn && root.host !== el && root.host.nextSibling) root.host.parentNode?.replaceChildren(root.host);
    }

    async report() {
      try { await (await parts()).open(this, { site, host, base }); } catch { open(this.link.href, "_blank", "noopener"); }
    }

    disclosed() { return this.shown ||= this.near && this.badge.checkVisibility({ opacityProperty: true, visibilityProperty: true }); }

    // A text counts after a second in view, unchanged.
    look() {
      if (verdicts.has(this.hash)) this.write();
      clearTimeout(this.timer);
      if (this.fresh && inView.has(this)) this.timer = setTimeout(quietly(() => this.count()), 1000);
    }

    touch() {
      this.fresh = true;
      this.look();
      if (!this.root.host.isConnected) renew(this.el);
    }

    async count() {
      const text = this.el.textContent.normalize("NFC").replace(/\p{White_Space}+/gu, " ").replace(/^ | $/g, "");
      if (!text || document.hidden || this.box.hidden) return;
      const disclosed = this.disclosed(), { content, model, provider } = this.facts(), bytes = new TextEncoder().encode(text), before = this.hash;
      this.fresh = this.shown = false;
      const digest = crypto.subtle ? await crypto.subtle.digest("SHA-256", bytes) : (await import(base + "sha256.js")).default(bytes);
      const text_sha256 = this.hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
      this.tell("viewed", { disclosed });
      if (verdicts.has(before) || verdicts.has(text_sha256)) this.write();
      if (counted.has(text_sha256)) return;
      counted.add(text_sha256);
      if (views.push({ text_sha256, content, model, provider, disclosed }) < 2) setTimeout(send, delay);
    }
  }

  const parts = () => import(base + "report.js");

  /** @type {Send} */
  const send = async (again) => {
    const batch = again ?? views.splice(0, 50);
    delay = 2000;
    if (!batch[0]) return;
    send();
    try {
      const body = JSON.stringify({ site, viewer, page: location.href.split(/[?#]/)[0], views: batch });
      const answer = await (await fetch(host + "api/v1/views", { method: "POST", body, keepalive: true, credentials: "omit" })).json();
      if (answer.report === "off") sheet.insertRule("[part=report]{display:none!important}");
      for (const hash of answer.withdrawn) verdicts.set(hash, { withdrawn: "withdrawn" });
      for (const hash in answer.corrected) verdicts.set(hash, { corrected: answer.corrected[hash] });
      look();
    } catch { if (!again) setTimeout(send, 3e4, batch); }
  };

  const look = () => inView.forEach((label) => label.look());

  const eye = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting, intersectionRect: { width, height } } of entries) {
      const label = /** @type {Label} */ (labels.get(target));
      if (target === label.badge) label.near = isIntersecting && width >= 24 && height >= 12, label.disclosed();
      else if (inView.has(label) !== isIntersecting) inView[isIntersecting ? "add" : "delete"](label), label.look();
    }
  }, { threshold: [0, 0.5, 1] });

  const renew = quietly((/** @type {any} */ el) => {
    if (!labels.get(el)?.root.host.isConnected && el.matches(MARKED)) new Label(el).write();
  });

  const ears = new MutationObserver((/** @type {any[]} */ changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") renew(target), labels.get(target)?.write();
      else for (let node = target; node; node = node.parentNode) labels.get(node)?.touch();
      for (const node of addedNodes) if (node.matches) [node, ...node.querySelectorAll(MARKED)].forEach(renew);
    }
  });

  const listen = (/** @type {Node} */ root) => ears.observe(root, { subtree: true, childList: true, characterData: true, attributeFilter: [NAME, ...FIELDS].flatMap((name) => [name, "data-" + name]) });

  quietly(async () => {
    sheet.replaceSync(STYLE);
    listen(document);
    customElements.define(NAME, class extends HTMLElement {
      connectedCallback() {
        renew(this);
        listen(this.getRootNode());
      }
    });
    document.querySelectorAll(MARKED).forEach(renew);
    addEventListener("visibilitychange", () => { document.hidden ? send() : look(); });
    if (localStorage.getItem(NAME + ":outbox")) (await parts()).flush();
  })();
})();
