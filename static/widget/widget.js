// @ts-check
// Labels machine-generated text, counts who sees it.
(async () => {
  const NAME = "machine-generated";
  const MARKED = "machine-generated,[data-machine-generated]:not([data-machine-generated=false])";
  const FIELDS = "model provider content review layout lang".split(" ");
  const page = Document.prototype; // of itself, `document` has what a page's elements are named
  const of = (/** @type {string} */ name) => Reflect.get(page, name, document);
  /** No member of it is looked up in Object.prototype: on many pages a link can add to that. @param {object} own @returns {any} */
  const bare = (own) => Object.setPrototypeOf(own, null);
  const top = of("documentElement");
  const INTEGRITY = ""; // of parts.js: the build fills it in
  /** lang, dir, and the words of the label: as they are, reviewed, in a chat; of the control. */
  const ENGLISH = ["en", "ltr", "Machine-generated", "Machine-generated, reviewed by a person", "You are chatting with a machine", "Report"];
  // Its first “inherit” gives way to the theme, its “print” where the report control is away.
  const STYLE = `
@media print{.report{display:none!important}}
.badge::before{line-height:14px;font-size:11px;color:var(--machine-generated-accent,light-dark(#05c,#8bf));padding:0 4px;border:1px solid;border-radius:4px;content:"AI"/""}
.report::before{content:"⚑"/""}
.group{display:contents}
:host([format]) slot{white-space:pre-wrap}
:host(machine-generated:not([layout=inline])){display:block}
.badge::after{content:"▾"/""}
.label{all:initial;contain-intrinsic-size:auto 24px;font:13px/16px var(--machine-generated-font,system-ui);margin-bottom:var(--machine-generated-gap,8px);color-scheme:inherit;align-items:start;gap:4px;visibility:inherit;isolation:isolate;color:var(--machine-generated-color,CanvasText);display:flex;content-visibility:auto;flex-wrap:wrap}
:host(.machine-label){all:initial!important;display:block!important;color-scheme:inherit!important;visibility:inherit!important}
:host(:is([layout=inline],[data-layout=inline],span)) .label{vertical-align:middle;margin:0 4px;display:inline-flex;content-visibility:visible}
.badge,.report{color:inherit;align-items:center;display:flex;background:var(--machine-generated-background,Canvas);padding:4px 8px;border-radius:12px;text-decoration:none;gap:4px}
.label:focus-within{content-visibility:visible}
.badge{font-weight:600;padding:3px 6px;border:1px solid var(--machine-generated-border,#8888)}
`;
  let { src, dataset } = /** @type {any} */ (of("currentScript"));
  let { audience, theme = "auto", lang: chosen, copyNotice, site, words: own, report: shown = "on", viewer } = bare(dataset);
  const base = new URL(src.includes("/widget/") ? "." : "widget/current/", src).href, host = new URL("../..", base).href;
  const origin = { host, base, site, words: own == null ? base + "words" : host + "words/" + site };
  /** @type {{ [code: string]: any }} */
  const words = bare({ en: own == null && ENGLISH });
  const LABEL = Symbol();
  /** Of each text, by its hash: what the server says of it; until when it counts as seen. */
  const verdicts = bare({}), asked = bare({});
  /** @type {Set<any>} */
  const inView = new Set();
  /** @type {View[]} */
  const views = [];
  const sheet = new CSSStyleSheet();
  /** The style: of a theme, or the page's own; but for “on”, the report control is away. @param {string} report */
  const dress = (report) => sheet.replaceSync(STYLE.replace("inherit", theme === "auto" ? "inherit" : theme).replace(report[2] && "print", "all"));
  let started = of("readyState") === "complete", settled = started, /** @type {any[]} */ late = [], /** @type {unknown} */ blocked;

  /** @type {Make} */
  const make = (name, part, more, ...inside) => {
    const node = page.createElement.call(document, name);
    node.append(...inside);
    return Object.assign(node, { className: part, part }, more);
  };

  /** What is loaded only when it is needed; checked where the browser can. @param {HTMLElement | ShadowRoot} at */
  const parts = async (at) => {
    const href = base + "parts.js", link = make("link", "");
    if (link.relList.supports(link.rel = "modulepreload")) await new Promise((onload, onerror) => at.prepend(Object.assign(link, { integrity: INTEGRITY, href, onload, onerror }))).finally(() => link.remove());
    return import(href);
  };

  /** A label, to be cloned. */
  const shell = make("span", "group", { role: "group" },
    make("span", "label", {}, make("span", "details", {}, make("a", "badge", { id: "words", ariaExpanded: false, href: host, role: "button" })), make("a", "report")),
    make("slot", ""));
  shell.setAttribute("aria-labelledby", "words");

  /** Of rgba() and what has a “/”, not a number: the ground shows through, and sight.js looks. @param {any} colour */
  const bright = (colour) => colour.match(/[\d.]+|[/a]/g).reduce((/** @type {number} */ sum, /** @type {string} */ part) => +part + sum, 0);

  /** Where the label goes; of what the page has copied with a label, or written anew by innerHTML, the copy goes. @param {Marked} el @param {any} [stand] @returns {any} */
  const attach = (el, stand) => {
    const own = el.shadowRoot, place = own ?? el;
    if (own?.querySelector("#words.badge")) return own;
    if (!own && (el.localName === NAME || !el.localName.includes("-")))
      try { return el.attachShadow({ mode: "open" }); } catch {}
    if (!started) throw 0; // the label would stand in the page's own DOM, which may wait for hydration
    stand ??= make("div", "machine-label");
    const root = stand.shadowRoot ?? stand.attachShadow({ mode: "open" }); // first: where it fails, the page keeps nothing of it
    place.querySelector(":scope>.machine-label:empty")?.remove();
    place.prepend(stand);
    return root;
  };

  /** @param {any} el */
  const label = (el) => {
    const root = attach(el), find = (/** @type {string} */ part) => root.querySelector(part);
    let ripe = started, /** @type {any} */ text, /** @type {any} */ hash, /** @type {any} */ timer;

    /** @param {string} name @param {object} [detail] */
    const tell = (name, detail) => el.dispatchEvent(new CustomEvent(NAME + ":" + name, { bubbles: true, composed: true, detail }));

    /** A moderator's word goes before the page's. */
    const facts = () => FIELDS.map((name) => self.verdict?.[name] || el.getAttribute(el.localName === NAME ? name : "data-" + name) || "");

    /** The words of its language, if they are there; when they come, it is written again. @param {string} lang */
    const say = (lang) => {
      const code = (chosen || lang || el.closest("[lang]")?.lang || "en").toLowerCase().match(/\w+/);
      const known = words[code] ||= (async () => {
        let say;
        try { say = await (await fetch(origin.words + "/" + code + ".json")).json(); } catch {}
        return words[code] = say?.[5] && say; // what did not come is asked for again at the next writing
      })();
      if (!known.then) return known;
      known.then((/** @type {any} */ came) => came && write());
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
      if (!find(".badge")) root.append(shell.cloneNode(true)), known ||= ENGLISH;
      if (!self.box) wire();
      self.box.style.display = el.matches(MARKED) ? "" : "none";
      if (known) {
        self.badge.textContent = known[layout === "chat" ? 4 : reviewed ? 3 : 2];
        self.link.textContent = known[5];
        [self.box.lang, self.box.dir] = known;
      }
      self.link.href = host + "report?site=" + site + "&content=" + content;
      (self.gone = self.verdict?.gone || self.gone.replace("withdraw", "")) && call(self.gone);
      find("slot")?.setAttribute("name", /** @type {any} */ (self.gone && Math.random())); // no text goes there any more, whatever it asks for
      self.refresh?.();
    };

    /** The badge and the report control, each a link that works without us; a server's badge is a summary. */
    const wire = () => {
      (self.badge = find(".badge"))[LABEL] = (self.box = find(".label"))[LABEL] = self;
      self.link = find(".report") || make("a", "report");
      self.link.role = "button";
      self.box.onclick = self.box.onmousedown = self.box.onkeydown = (/** @type {any} */ event) => {
        const control = event.target.closest(".badge,.report");
        if (!control || event.key?.trim()) return; // but for the space bar, keys do what they do on a link
        event.type === "mousedown" || call(control.className, control.href);
        control.href && event.preventDefault(); // also of mousedown: what is selected stays so
      };
    };

    /** @param {string} name of a part @param {string} [href] the other way, without it @returns {Promise<any>} */
    const call = async (name, href) => { try { return await (await parts(root))[name](self, origin); } catch { if (href) open(href); } };

    /** Whether the badge is plainly visible; sight.js looks again where it is not. */
    const clear = () => {
      const { x: left, y: top, width, height } = self.badge.getBoundingClientRect(), { color, backgroundColor, visibility } = getComputedStyle(self.badge);
      let plain = height > 11 && width > 23 && visibility === "visible" && (bright(backgroundColor) - bright(color)) ** 2 > 1e4;
      // A form's fields can have the names of what is asked here, and lead round and round.
      for (let node = self.badge, depth = 999; depth-- && node; node = node.assignedSlot ?? node.parentNode ?? node.host) if (node.matches) plain &&= getComputedStyle(node).opacity === "1";
      return plain && self.near && page.elementFromPoint.call(document, left + width / 2, top + height / 2) === root.host;
    };

    // A text counts after a second in view, unchanged; and anew if it is seen after some minutes.
    const wait = () => {
      if (self.verdict !== verdicts[hash]) write();
      clearTimeout(timer);
      if (!(asked[hash] > Date.now()) && inView.has(self)) timer = setTimeout(count, 1000);
    };

    const count = async () => {
      try {
        const now = text = el.textContent;
        // Where very many marks are piled up, browsers take long to normalise: sha256.js does not.
        const subtle = !/\p{M}{50}/u.test(now) && crypto.subtle, plain = (subtle ? now.normalize() : now).match(/\P{White_Space}+/gu)?.join(" ");
        if (!plain || of("hidden") || self.gone || !el.matches(MARKED)) return;
        const hiddenBy = clear() ? "" : await call("hiddenBy"), disclosed = hiddenBy === "";
        hash = [...new Uint8Array(await (subtle || await parts(root)).digest("SHA-256", new TextEncoder().encode(plain)))].map((byte) => (byte + 256).toString(16).slice(1)).join("");
        if (!(asked[hash] > Date.now())) {
          asked[hash] = Date.now() + 3e5;
          if (views.push({ text_sha256: hash, hidden_by: hiddenBy || undefined, disclosed }) < 2) setTimeout(send, 1000);
        }
        if (text === now) tell("viewed", { hiddenBy, disclosed });
        else hash = ""; // written anew meanwhile: what is told of this one is not told of that
        wait();
      } catch {}
    };

    const self = bare({
      el, root, gone: audience === "public" ? "cover" : "", write, facts, wait, say, tell,
      touch() {
        if (text !== (text = el.textContent)) {
          hash = "";
          wait();
        }
      },
    });
    root.adoptedStyleSheets = [sheet];
    write();
    el[LABEL] = self;
    el.openReport = () => call("report", self.link.href);
    tell("labelled");
  };

  /** What it is told of them holds until they are asked about again. `again`: after how long the next are sent, or these anew. */
  const send = async (again = 6e4) => {
    const batch = views.splice(0, 100);
    if (!batch[0]) return;
    send();
    try {
      const answer = await fetch(host + "api/v1/views", {
        method: "POST",
        body: JSON.stringify({ views: batch, site, page: location.href.split(/[?#]/)[0], viewer }),
        keepalive: true,
        credentials: "omit",
      });
      const { report, withdrawn, decided } = bare(await answer.json());
      if (answer.status < 429) again = 0; // taken, or never to be
      if (report !== shown) dress(shown = report);
      for (const { text_sha256: hash } of batch) verdicts[hash] = bare({ ...decided?.[hash], gone: withdrawn.includes(hash) && "withdraw" });
      look();
    } catch {}
    if (again) views.push(...batch);
    if (views[0]) setTimeout(send, again); // of many at once, the browser lets some go and refuses the others
  };

  const look = () => inView.forEach((label) => label.wait());

  // A badge that left the view before the text counted was seen, if it can be; where the observer's second version is, not if it was covered.
  const see = (/** @type {any[]} */ entries) => {
    for (const { target, isIntersecting, isVisible } of entries) {
      const label = target[LABEL], badge = label.badge;
      if (badge === target) label.near = isIntersecting, label.met ||= isVisible ?? isIntersecting;
      else {
        if (isIntersecting) sharp.observe(badge), inView.add(label);
        else sharp.unobserve(badge), inView.delete(label);
        label.wait();
      }
    }
  };
  const eye = new IntersectionObserver(see), sharp = new IntersectionObserver(see, /** @type {any} */ ({ delay: 100, trackVisibility: true }));

  // Where very many come at once, the page has a frame or two between so many and the next: a thousand would hold it up.
  // When all of them are written, they are observed: to ask for a style between two costs more than all the rest.
  /** @type {(el: any, again?: any) => void} */
  const renew = (el, again) => {
    try {
      const known = el[LABEL];
      if (known) known[again]?.(), again >= 0 && eye.observe(getComputedStyle(el).display === "contents" ? known.box : el), known.root.host.isConnected || attach(el, known.root.host);
      else if (el.matches(MARKED)) late[500] || label(el), late.push(el) < 2 && setTimeout(() => late.splice(0).forEach(renew), 30);
    } catch {}
  };

  /** Of it and of all marked elements in it; those that stand are written again, or not. @type {(node: any, again?: unknown) => void} */
  const renewAll = (node, again) => { for (const el of [node, ...shell.querySelectorAll.call(node, MARKED)]) renew(el, again); };

  const ears = new MutationObserver((/** @type {any[]} */ changes) => {
    const touched = new Set();
    // Each by itself: what one element is, with fields named like what is asked of it, keeps no other from its label.
    for (const { target, addedNodes, attributeName } of changes) try {
      if (attributeName) renewAll(target, "write");
      for (let node = target, depth = 999; depth-- && node; node = node.parentNode) touched.add(node);
      for (const node of addedNodes) node.matches && renewAll(node);
    } catch {}
    touched.forEach((node) => renew(node, "touch"));
  });

  const listen = (/** @type {Node} */ root) => ears.observe(root, { subtree: true, childList: true, characterData: true, attributeFilter: [NAME, ...FIELDS].flatMap((name) => [name, "data-" + name]) });

  // First: of a second tag it throws, and that does nothing more.
  customElements.define(NAME, class extends HTMLElement {
    connectedCallback() {
      renew(this);
      listen(this.getRootNode()); // once more does nothing more
    }
  });
  dress(shown);
  // Hydration compares the page with the server's HTML: until it is over, nothing is added to that.
  addEventListener("load", () => setTimeout(() => {
    settled = true;
    renewAll(top, "write");
  }, 1000));
  addEventListener("securitypolicyviolation", ({ effectiveDirective: name, blockedURI }) => {
    if (!blocked && blockedURI.includes(host)) console.warn(blocked = NAME, "CSP lacks", name.replace("-elem", ""), host);
  });
  listen(document);
  renewAll(top);
  started = true;
  addEventListener("visibilitychange", () => { send(), look(); });
  if (copyNotice != null || /:outbox:/.test(/** @type {any} */ (Object.keys(localStorage)))) await (await parts(document.head)).start(copyNotice, MARKED, LABEL);
})().catch(() => {});
