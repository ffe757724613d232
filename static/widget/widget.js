// @ts-check
// Labels machine-generated text, counts who sees it.
(async () => {
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
:host([layout=inline]){display:inline}
:host([format=text]) slot{white-space:pre-wrap}
.label,.notice{all:initial;color-scheme:inherit;visibility:inherit;font:13px/16px var(--machine-generated-font,system-ui,sans-serif);color:var(--machine-generated-color,CanvasText)}
.label{display:flex;align-items:start;gap:4px;margin-bottom:var(--machine-generated-gap,8px)}
:host(:is([layout=inline],[data-layout=inline],span)) .label{display:inline-flex;vertical-align:middle;margin:0;margin-inline-end:8px}
.badge,.report{display:flex;align-items:center;gap:4px;padding:4px 8px;border-radius:12px;background:var(--machine-generated-background,Canvas);color:inherit;text-decoration:none;cursor:pointer}
.badge{padding:3px;padding-inline-end:8px;font-weight:600}
.badge,.about,.notice{border:1px solid var(--machine-generated-border,#8888)}
.badge::after{content:"▾"/""}
.report::before{content:"⚑"/""}
.mark,a{flex:none;color:var(--machine-generated-accent,light-dark(#05c,#8bf))}
span.mark{width:22px;border-radius:4px;background:var(--machine-generated-accent,light-dark(#05c,#8bf));color:var(--machine-generated-background,Canvas);font-size:11px;text-align:center;print-color-adjust:exact}
span.mark::before{content:"AI"/""}
.about{width:max-content;max-width:min(280px,80vw);margin-block:4px;margin-inline-end:-999px;overflow-wrap:anywhere}
.about,.notice{display:grid;padding:4px 12px;border-radius:8px;background:var(--machine-generated-background,Canvas);line-height:24px}
@media print{.report{display:none}}
`;
  if (customElements.get(NAME)) return;
  const { src, dataset: { site, viewer, lang: chosen, theme = "auto" } } = /** @type {any} */ (document.currentScript);
  const base = new URL(src.includes("/widget/") ? "." : "widget/current/", src).href;
  const host = new URL("../..", base).href;
  const words = /** @type {any} */ ({}), labels = new WeakMap(), verdicts = new Map();
  /** @type {Set<Label>} */
  const inView = new Set();
  /** @type {View[]} */
  const views = [];
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
    hash = "";
    verdict = verdicts.get("");

    /** @param {Marked} el */
    constructor(el) {
      this.el = el;
      this.root = this.attach();
      if (!this.find(".label")) this.root.append(
        make("span", "label",
          make("details", "details", make("summary", "badge", make("span", "mark"), make("span", "words")), make("span", "about")),
          make("a", "report")),
        make("slot", ""));
      this.root.adoptedStyleSheets = [sheet];
      this.box = this.find(".label");
      this.badge = this.find(".badge");
      /** @type {HTMLAnchorElement} */
      const link = this.link = this.find(".report") ?? make("a", "report");
      link.role = "button";
      link.onmousedown = (event) => event.preventDefault(); // what is selected stays so
      link.onclick = (event) => { event.preventDefault(), this.report(); };
      link.onkeydown = (event) => { if (event.key === " ") event.preventDefault(), this.report(); };
      el.openReport = () => this.report();
      for (const target of [el, this.badge]) labels.set(target, this), eye.observe(target);
      this.tell("labelled");
    }

    attach() {
      const { el } = this, own = el.shadowRoot, place = own ?? el;
      if (own?.querySelector(".badge")) return own;
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

    /** A moderator's word goes before the page's. */
    facts() {
      const { el } = this, prefix = el.localName === NAME ? "" : "data-";
      return FIELDS.map((name) => this.verdict?.[name] || el.getAttribute(prefix + name) || undefined);
    }

    write = quietly(async () => {
      this.verdict = verdicts.get(this.hash);
      const { el, box, link, root } = this, [model, provider, content = "", review, layout, lang] = this.facts();
      const reviewed = review === "human", slot = this.find("slot") ?? make("slot", ""), withdrawn = this.verdict?.withdrawn ?? "";
      el.setAttribute("ai-disclosure", reviewed ? "ai-assisted" : "ai-autonomous");
      if (model) el.setAttribute("ai-model", model);
      if (provider) el.setAttribute("ai-provider", provider);
      box.style.display = el.matches(MARKED) ? "" : "none";
      link.href = `${host}report?site=${site}&content=${content}`;
      const code = this.code = (chosen || lang || el.closest("[lang]")?.getAttribute("lang") || "en").split("-")[0].toLowerCase();
      const theirs = words[code] ??= LANGUAGES.includes(code) ? fetch(`${base}words/${code}.json`).then(async (answer) => ({ ...ENGLISH, ...await answer.json() })).catch(() => ENGLISH) : ENGLISH;
      for await (const say of [box.lang ? theirs : ENGLISH, theirs]) {
        if (code !== this.code) return;
        const { lang, dir } = Object.assign(box, { lang: say.lang, dir: say.dir });
        link.textContent = say.report;
        this.find(".words").textContent = layout === "chat" ? say.label_chat : reviewed ? say.label_reviewed : say.label;
        this.find(".about").replaceChildren(
          make("span", "", model ? say.model + ": " + model : ""), make("span", "", provider ? say.provider + ": " + provider : ""),
          make("span", "", reviewed ? say.reviewed : say.not_reviewed),
          Object.assign(make("a", "", say.what), { href: host, target: "_blank" }));
        if (withdrawn && !slot.name) {
          this.tell(withdrawn);
          if (root.host !== el) root.host.parentNode?.replaceChildren(root.host);
        }
        slot.name = withdrawn; // no text goes there: the notice in it shows
        slot.replaceChildren(withdrawn && Object.assign(make("span", "notice", say.withdrawn), { role: "note", lang, dir }));
      }
    });

    async report() {
      try { await (await import(base + "report.js")).open(this, { site, host, base }); } catch { open(this.link.href, "_blank", "noopener"); }
    }

    // A text counts after a second in view, unchanged.
    look() {
      if (this.verdict !== verdicts.get(this.hash)) this.write();
      clearTimeout(this.timer);
      if (this.fresh && inView.has(this)) this.timer = setTimeout(this.count, 1000);
    }

    touch() {
      this.fresh = true;
      this.look();
      if (!this.root.host.isConnected) renew(this.el);
    }

    count = quietly(async () => {
      const text = this.el.textContent.normalize("NFC").replace(/\p{White_Space}+/gu, " ").replace(/^ | $/g, "");
      if (!text || document.hidden || !this.el.matches(MARKED)) return;
      const disclosed = this.shown && this.badge.checkVisibility({ opacityProperty: true, visibilityProperty: true });
      const bytes = new TextEncoder().encode(text);
      this.fresh = false;
      this.shown = this.near;
      const digest = crypto.subtle ? await crypto.subtle.digest("SHA-256", bytes) : (await import(base + "sha256.js")).default(bytes);
      const text_sha256 = this.hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      this.tell("viewed", { disclosed });
      this.look();
      if (verdicts.has(text_sha256)) return;
      verdicts.set(text_sha256, undefined);
      if (views.push({ text_sha256, disclosed }) < 2) setTimeout(send, delay);
    });
  }

  const send = async () => {
    const batch = views.splice(0, 50);
    delay = 2000;
    if (!batch[0]) return;
    send();
    let wait = 30;
    try {
      const body = JSON.stringify({ site, viewer: viewer || undefined, page: location.href.split(/[?#]/)[0].slice(0, 2000), views: batch });
      const answer = await fetch(host + "api/v1/views", { method: "POST", body, keepalive: true, credentials: "omit" });
      wait = answer.status > 428 ? +(answer.headers.get("Retry-After") ?? 0) || wait : 0;
      const { report, withdrawn, corrected } = await answer.json();
      if (report === "off") sheet.insertRule(".report{display:none!important}");
      for (const hash of withdrawn) verdicts.set(hash, { withdrawn: "withdrawn" });
      for (const hash in corrected) verdicts.set(hash, corrected[hash]);
      look();
    } catch { if (wait) views.push(...batch), setTimeout(send, wait * 1e3); }
  };

  const look = () => inView.forEach((label) => label.look());

  const eye = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting, intersectionRect: { width, height } } of entries) {
      const label = labels.get(target);
      if (target === label.badge) label.shown ||= label.near = width * height > 300;
      else inView[isIntersecting ? "add" : "delete"](label), label.look();
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

  sheet.replaceSync(STYLE.replace("inherit", theme.replace("auto", "inherit")));
  listen(document);
  customElements.define(NAME, class extends HTMLElement {
    connectedCallback() {
      renew(this);
      listen(this.getRootNode());
    }
  });
  document.querySelectorAll(MARKED).forEach(renew);
  addEventListener("visibilitychange", () => { send(), look(); });
  addEventListener("pagehide", send);
  if (localStorage.getItem(NAME + ":outbox")) (await import(base + "report.js")).flush();
})().catch(() => {});
