// @ts-check
// Labels machine-generated text, counts who sees it.
(async () => {
  const NAME = "machine-generated";
  const MARKED = "machine-generated,[data-machine-generated]:not([data-machine-generated=false])";
  const FIELDS = ["model", "provider", "content", "review", "layout", "lang"];
  const page = Document.prototype; // of itself, `document` has what a page's elements are named
  const of = (/** @type {string} */ name) => Reflect.get(page, name, document);
  const INTEGRITY = ""; // of parts.js: the build fills it in
  /** lang, dir, and the words of the label: as they are, reviewed, in a chat; of the control. */
  const ENGLISH = ["en", "ltr", "Machine-generated", "Machine-generated, reviewed by a person", "You are chatting with a machine", "Report"];
  const STYLE = `
:host(machine-generated:not([layout=inline])){display:block}
:host([format]) slot{white-space:pre-wrap}
.group{display:contents}
.label{all:initial;color-scheme:inherit;visibility:inherit;color:var(--machine-generated-color,CanvasText);font:13px/16px var(--machine-generated-font,system-ui);contain-intrinsic-size:auto 24px;content-visibility:auto;display:flex;flex-wrap:wrap;isolation:isolate;align-items:start;gap:4px;margin-bottom:var(--machine-generated-gap,8px)}
.label:focus-within{content-visibility:visible}
:host(:is([layout=inline],[data-layout=inline],span)) .label{display:inline-flex;vertical-align:middle;margin:0 4px;content-visibility:visible}
.badge,.report{display:flex;align-items:center;gap:4px;padding:4px 8px;border-radius:12px;background:var(--machine-generated-background,Canvas);color:inherit;text-decoration:none}
.badge{font-weight:600;padding:3px 6px;border:1px solid var(--machine-generated-border,#8888)}
.badge::after{content:"▾"/""}
.report::before{content:"⚑"/""}
.badge::before{content:"AI"/"";border:1px solid;border-radius:4px;padding:0 4px;line-height:14px;font-size:11px;color:var(--machine-generated-accent,light-dark(#05c,#8bf))}
:host(.machine-label){all:initial!important;color-scheme:inherit!important;visibility:inherit!important;display:block!important}
@media print{.report{display:none!important}}
`;
  if (customElements.get(NAME)) return;
  let { src, dataset: { site, viewer, theme = "auto", report: shown = "on", lang: chosen, copyNotice, words: own, audience } } = /** @type {any} */ (of("currentScript"));
  const base = new URL(src.includes("/widget/") ? "." : "widget/current/", src).href;
  const host = new URL("../..", base).href;
  const origin = { site, base, host, words: own == null ? base + "words" : host + "words/" + site };
  /** Their names have a dot, as no member of an object has. @type {{ [code: string]: any }} */
  const words = own == null ? { "en.": ENGLISH } : {};
  const LABEL = Symbol();
  /** Of each text, by its hash: what the server says of it; until when it counts as seen. */
  const verdicts = /** @type {any} */ ({}), asked = /** @type {any} */ ({});
  /** @type {Set<any>} */
  const inView = new Set();
  /** @type {View[]} */
  const views = [];
  const sheet = new CSSStyleSheet();
  /** The style: of a theme, or the page's own; but for “on”, the report control is away. @param {string} report */
  const dress = (report) => sheet.replaceSync(STYLE.replace("inherit", theme === "auto" ? "inherit" : theme).replace(report[2] && "print", "all"));
  let started = of("readyState") === "complete", settled = started, begun = 0, late = /** @type {Marked[]} */ ([]), /** @type {any} */ blocked;

  /** @type {Make} */
  const make = (name, part, more, ...inside) => {
    const node = page.createElement.call(document, name);
    node.append(...inside);
    return Object.assign(node, { part, className: part }, more);
  };

  /** What is loaded only when it is needed; checked where the browser can. @param {HTMLElement | ShadowRoot} [at] */
  const parts = async (at = document.head) => {
    const href = base + "parts.js", link = make("link", "");
    if (link.relList.supports(link.rel = "modulepreload")) await new Promise((onload, onerror) => at.prepend(Object.assign(link, { integrity: INTEGRITY, href, onload, onerror }))).finally(() => link.remove());
    return import(href);
  };

  /** A label, to be cloned. */
  const shell = make("span", "group", { role: "group" },
    make("span", "label", {}, make("span", "details", {}, make("a", "badge", { role: "button", href: host, id: "words", ariaExpanded: false })), make("a", "report")),
    make("slot", ""));
  shell.setAttribute("aria-labelledby", "words");

  /** Of rgba() and what has a “/”, not a number: the ground shows through, and sight.js looks. @param {any} colour */
  const bright = (colour) => colour.match(/[\d.]+|[/a]/g).reduce((/** @type {number} */ sum, /** @type {string} */ part) => +part + sum, 0);

  /** Where the label goes. @param {Marked} el @returns {any} */
  const attach = (el) => {
    const own = el.shadowRoot, place = own ?? el;
    if (own?.querySelector("#words.badge")) return own;
    if (!own && (el.localName === NAME || !el.localName.includes("-")))
      try { return el.attachShadow({ mode: "open" }); } catch {}
    if (!started) throw 0; // the label would stand in the page's own DOM, which may wait for hydration
    const stand = place.querySelector(":scope>div.machine-label") ?? make("div", "machine-label");
    place.prepend(stand);
    return stand.shadowRoot ?? stand.attachShadow({ mode: "open" });
  };

  /** @param {any} el */
  const label = (el) => {
    const root = attach(el), find = (/** @type {string} */ part) => root.querySelector(part);
    let ripe = started, /** @type {any} */ shown, /** @type {any} */ timer, /** @type {any} */ hash, /** @type {any} */ text;

    /** @param {string} name @param {object} [detail] */
    const tell = (name, detail) => el.dispatchEvent(new CustomEvent(NAME + ":" + name, { composed: true, detail, bubbles: true }));

    /** A moderator's word goes before the page's. */
    const facts = () => FIELDS.map((name) => self.verdict?.[name] || el.getAttribute(el.localName === NAME ? name : "data-" + name) || "");

    /** The words of its language, if they are there; when they come, it is written again. @param {string} lang */
    const say = (lang) => {
      const code = (chosen || lang || el.closest("[lang]")?.lang || "en").split(/\W/)[0].toLowerCase() + ".";
      const known = words[code] ??= (async () => {
        let say;
        try { say = await (await fetch(origin.words + "/" + code + "json")).json(); } catch {}
        words[code] = say?.[5] ? say : ENGLISH;
      })();
      if (!known.then) return known;
      known.then(write);
    };

    const write = () => {
      self.verdict = verdicts[hash]; // a moderator's word: it is among the facts
      const [model, provider, content, review, layout, lang] = facts(), reviewed = review === "human";
      let known = say(lang);
      if (ripe ||= settled) {
        el.setAttribute("ai-disclosure", reviewed ? "ai-assisted" : "ai-autonomous");
        if (model) el.setAttribute("ai-model", model);
        if (provider) el.setAttribute("ai-provider", provider);
      }
      if (!find(".badge")) root.append(shell.cloneNode(true)), known ??= ENGLISH;
      if (self.box) self.box.style.display = el.matches(MARKED) ? "" : "none";
      else wire();
      if (known) {
        find("#words").textContent = known[layout === "chat" ? 4 : 2 + +reviewed];
        self.link.textContent = known[5];
        [self.box.lang, self.box.dir] = known;
      }
      self.link.href = host + `report?site=${site}&content=` + content;
      if (self.gone = self.verdict?.gone || self.gone.replace("withdraw", "")) call(self.gone).catch(() => {});
      (find("slot") ?? {}).name = self.gone && Math.random(); // no text goes there any more, whatever it asks for
      self.refresh?.();
    };

    /** The badge and the report control, each a link that works without us; a server's badge is a summary. */
    const wire = () => {
      (self.badge = find(".badge"))[LABEL] = self;
      (self.box = find(".label"))[LABEL] = self;
      self.link = find(".report") ?? make("a", "report");
      self.link.role = "button";
      self.box.onmousedown = self.box.onclick = self.box.onkeydown = (/** @type {any} */ event) => {
        const control = event.target.closest(".badge,.report");
        if (!control || event.key?.trim()) return; // but for the space bar, keys do what they do on a link
        event.type === "mousedown" || act(control);
        control.href && event.preventDefault(); // also of mousedown: what is selected stays so
      };
    };

    /** @param {string} name of a part @returns {Promise<any>} */
    const call = async (name) => (await parts(root))[name](self, origin);

    const act = (/** @type {any} */ { className, href }) => call(className).catch(() => href && open(href));

    /** Whether the badge is plainly visible; sight.js looks again where it is not. */
    const clear = () => {
      const { badge } = self, { width, height, x: left, y: top } = badge.getBoundingClientRect(), { color, backgroundColor } = getComputedStyle(badge);
      let plain = width > 23 && height > 11 && badge.checkVisibility({ visibilityProperty: true }) && (bright(color) - bright(backgroundColor)) ** 2 > 1e4;
      // A form's fields can have the names of what is asked here, and lead round and round.
      for (let node = badge, depth = 999; depth-- && node; node = node.assignedSlot ?? node.parentNode ?? node.host) if (node.matches) plain &&= getComputedStyle(node).opacity === "1";
      return plain && [0.2, 0.5, 0.8].every((part) => self.near ? page.elementFromPoint.call(document, left + width * part, top + height / 2) === root.host : self.met);
    };

    // A text counts after a second in view, unchanged; and anew if it is seen after some minutes.
    const wait = () => {
      if (self.verdict !== verdicts[hash]) write();
      clearTimeout(timer);
      if (!(asked[hash] > Date.now()) && inView.has(self)) timer = setTimeout(() => count().catch(() => {}), 1000);
    };

    const count = async () => {
      const plain = (text = el.textContent).normalize("NFC").match(/\P{White_Space}+/gu)?.join(" ");
      if (!plain || of("hidden") || self.gone || !el.matches(MARKED)) return;
      const hiddenBy = (shown ||= clear()) ? "" : await call("hiddenBy").catch(() => {}), disclosed = hiddenBy === "";
      hash = [...new Uint8Array(await (crypto.subtle ?? await parts(root)).digest("SHA-256", new TextEncoder().encode(plain)))].map((byte) => (byte + 256).toString(16).slice(1)).join("");
      if (!(asked[hash] > Date.now())) {
        asked[hash] = Date.now() + 3e5;
        if (views.push({ disclosed, text_sha256: hash, hidden_by: hiddenBy || undefined }) < 2) setTimeout(send, 1000);
      }
      tell("viewed", { disclosed, hiddenBy });
      wait();
    };

    const self = /** @type {any} */ ({
      el, gone: audience === "public" ? "cover" : "", root, write, facts, tell, wait, say,
      touch() {
        if (text !== (text = el.textContent)) {
          hash = "";
          wait();
        }
        el === root.host || root.host.isConnected || el.prepend(root.host);
      },
    });
    root.adoptedStyleSheets = [sheet];
    write();
    el[LABEL] = self;
    // When all that came with it are written: to ask for a style between two of them costs more than all the rest.
    setTimeout(() => { try { eye.observe(getComputedStyle(el).display === "contents" ? self.box : el); } catch {} });
    el.openReport = () => act(self.link);
    tell("labelled");
  };

  const send = async () => {
    let batch = views.splice(0, 100);
    if (batch[0]) send(); else return;
    try {
      const answer = await fetch(host + "api/v1/views", {
        method: "POST",
        body: JSON.stringify({ site, viewer, page: location.href.split(/[?#]/)[0], views: batch }),
        keepalive: true,
        credentials: "omit",
      });
      const { report, withdrawn, decided } = await answer.json();
      if (answer.status < 429) batch = [];
      if (report !== shown) dress(shown = report);
      Object.assign(verdicts, decided);
      for (const hash of withdrawn) verdicts[hash] = { gone: "withdraw" };
      look();
    } catch {}
    views.push(...batch) && setTimeout(send, 6e4);
  };

  const look = () => inView.forEach((label) => label.wait());

  // A badge that left the view before the text counted was seen, if it can be; where the observer's second version is, not if it was covered.
  const see = (/** @type {any[]} */ entries) => {
    for (const { target, isIntersecting, isVisible } of entries) {
      const label = target[LABEL], badge = label.badge;
      if (badge === target) label.near = isIntersecting, label.met ||= isVisible ?? isIntersecting;
      else {
        if (isIntersecting) inView.add(label), sharp.observe(badge);
        else inView.delete(label), sharp.unobserve(badge);
        label.wait();
      }
    }
  };
  const eye = new IntersectionObserver(see), sharp = new IntersectionObserver(see, /** @type {any} */ ({ delay: 100, trackVisibility: true }));

  // Where very many come at once, the page has a frame or two between so many and the next: a thousand would hold it up.
  const renew = (/** @type {any} */ el) => {
    try {
      if (el[LABEL]?.root.host.isConnected || !el.matches(MARKED)) return;
      begun++ || setTimeout(() => { begun = 0; late.splice(0).forEach(renew); }, 30);
      begun > 500 ? late.push(el) : label(el);
    } catch {}
  };

  const ears = new MutationObserver((/** @type {any[]} */ changes) => {
    const touched = new Set();
    // Each by itself: what one element is, with fields named like what is asked of it, keeps no other from its label.
    for (const { target, attributeName, addedNodes } of changes) try {
      if (attributeName) renew(target), target[LABEL]?.write();
      else for (let node = target, depth = 999; depth-- && node; node = node.parentNode) touched.add(node[LABEL]);
      for (const node of addedNodes) if (node.matches) renew(node), shell.querySelectorAll.call(node, MARKED).forEach(renew);
    } catch {}
    touched.forEach((/** @type {any} */ label) => label?.touch());
  });

  const listen = (/** @type {Node} */ root) => ears.observe(root, { subtree: true, characterData: true, childList: true, attributeFilter: [NAME, ...FIELDS].flatMap((name) => [name, "data-" + name]) });

  dress(shown);
  // Hydration compares the page with the server's HTML: until it is over, nothing is added to that.
  addEventListener("load", () => setTimeout(() => {
    settled = true;
    for (const el of /** @type {Iterable<any>} */ (page.querySelectorAll.call(document, MARKED))) renew(el), el[LABEL]?.write();
  }, 1000));
  addEventListener("securitypolicyviolation", ({ blockedURI, effectiveDirective: name }) => {
    if (!blocked && blockedURI.includes(host)) console.warn(blocked = NAME + ": CSP lacks", name.split("-elem")[0], host);
  });
  listen(document);
  customElements.define(NAME, class extends HTMLElement {
    connectedCallback() {
      renew(this);
      listen(this.getRootNode()); // once more does nothing more
    }
  });
  for (const el of page.querySelectorAll.call(document, MARKED)) renew(el);
  started = true;
  addEventListener("visibilitychange", () => { look(), send(); });
  if (copyNotice != null || /:outbox:/.test(/** @type {any} */ (Object.keys(localStorage)))) (await parts()).start(copyNotice, MARKED, LABEL);
})().catch(() => {});
