// @ts-check
// The report dialog. Loaded on first use.
import { DRAFT, arrived, hand, markOf, read, takeBack, write } from "./outbox.js";
import { clean } from "./valid.js";

const DAY = 864e5;

const STYLE = `
dialog{all:initial;--accent:var(--machine-generated-accent,light-dark(#05c,#8bf));--line:#8a8a8a;height:fit-content;flex-direction:column;--tint:#8882;color:var(--machine-generated-color,CanvasText);background:var(--ground);font:15px/22px var(--machine-generated-font,system-ui);position:fixed;inset:0;margin:auto;width:min(448px,100vw - 32px);max-height:calc(100dvh - 32px);overflow:hidden;border:1px solid var(--line);border-radius:16px;--ground:var(--machine-generated-background,Canvas);display:flex}
dialog:not(:modal),:is(fieldset:disabled,label:has(:disabled),label:has(:disabled)+.wrong){display:none!important}
dialog::backdrop{background:#0008}
*{box-sizing:border-box}
form{display:contents}
header,footer{display:flex;gap:12px;align-items:center;padding:12px 20px}
footer{border-top:1px solid var(--tint);flex-wrap:wrap}
h2{text-wrap:balance;flex:1;font-size:18px;outline:0;margin:0}
.body{padding:0 20px 16px;overscroll-behavior:contain;overflow:auto}
p{margin:0 0 12px}
.soft{color:light-dark(#555,#bbb);font-size:13px}
fieldset{padding:0;margin:0;border:0;min-width:0}
legend,.title{display:block;font-weight:600;padding:0;margin:12px 0 4px}
.row{cursor:pointer;display:flex;gap:12px;align-items:center;padding:6px 12px;border-radius:8px;min-height:40px}
*+.row{margin-top:4px}
.row:hover,.row:has(:checked){background:var(--tint)}
.finer{margin-inline-start:28px}
.note{white-space:pre-line;padding:8px 12px;background:var(--tint);border-inline-start:4px solid var(--accent);margin:4px 0 8px}
.row input{accent-color:var(--accent);flex:none;height:20px;width:20px}
textarea,.title+input{width:100%;display:block;padding:8px 12px;unicode-bidi:plaintext;border:1px solid var(--line);border-radius:8px;background:var(--ground);font:inherit;color:inherit;font-size:16px}
textarea{resize:vertical}
blockquote{unicode-bidi:plaintext;max-height:96px;overflow:auto}
button,.button{cursor:pointer;display:inline-flex;gap:8px;min-height:40px;border:1px solid var(--line);border-radius:8px;background:none;justify-content:center;font:inherit;color:inherit;text-decoration:none;align-items:center;font-weight:600;padding:0 16px}
.main{color:var(--ground);background:var(--accent);flex:1;border-color:var(--accent)}
@media(forced-colors){.main{color:ButtonText}}
:disabled{opacity:.6}
.quiet{padding:0 8px;min-height:32px;border:0}
.body button,.button{margin:0 0 8px;margin-inline-end:8px}
:empty:is(p,.soft,.wrong,.finer){display:none}
.wrong{color:light-dark(#b00020,#ff9a9a);flex:1 0 100%;display:block;margin:4px 0;font-weight:600}
code{text-align:center;padding:12px;display:block;margin:4px 0 12px;border-radius:8px;background:var(--tint);user-select:all;font-size:16px}
.body .quiet{padding:0;text-decoration:underline;color:var(--accent)}
:not(h2):focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media(max-width:480px){dialog{border-radius:16px 16px 0 0;max-height:92dvh;inset:auto 0 0;margin:0;border-width:1px 0 0;width:100%}footer{padding-bottom:max(12px,env(safe-area-inset-bottom))}}
`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

/** @type {WeakMap<Element, Report>} what was typed stays when the dialog is closed */
const reports = new WeakMap();

/** @type {(url: string) => Promise<any>} */
const load = async (url) => {
  const answer = await fetch(url, { credentials: "omit" });
  if (!answer.ok) throw answer;
  return answer.json();
};

/** @type {Build} */
const make = (name, properties, ...inside) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...inside);
  return node;
};

/** @type {Row} */
const row = (control, words) => make("label", { className: "row" }, make("input", control), make("span", {}, words));

/** @type {Field} */
const field = (control, name, hint) => make("label", {}, make("span", { className: "title" }, name), control, make("span", { className: "soft" }, hint));

/** @type {(words: string, onclick: () => void, properties?: object) => any} */
const button = (words, onclick, properties) => make("button", { type: "button", onclick, ...properties }, words);

/** @type {(href: string | undefined, words: string) => any} */
const elsewhere = (href, words) => make("a", { href, className: "button", target: "_blank" }, words);

/** What the server says of a control. @type {(control: any) => any} */
const wrong = (control) => {
  control.setAttribute("aria-describedby", control.name);
  return make("span", { className: "wrong", id: control.name });
};

/** Opens the dialog in the element's shadow root. @type {(label: Reportable, origin: Origin) => Promise<void>} */
export const open = async (label, origin) => {
  const { el, root, box } = label, { base, words } = origin, selection = getSelection();
  const range = selection?.isCollapsed === false && selection.getRangeAt(0).cloneRange();
  const [harms, say] = await Promise.all([
    load(base + "harms.json"),
    load(`${words}/dialog/${box.lang}.json`).catch(() => load(words + "/dialog/en.json")),
  ]);
  const text = el.textContent, content = label.facts()[2], more = range || text[5e3] ? await (await import("./parts.js")).more(text, el, range, harms.limits) : {};
  if (root.querySelector("dialog:modal")) return;
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  const known = reports.get(el);
  (known?.text === text && known.content === content && !more.quote ? known : new Report(label, origin, harms, say, { text, content, ...more })).enter();
};

class Report {
  /** @param {Reportable} label @param {Origin} origin @param {any} harms @param {any} say @param {About} about what its page may change meanwhile */
  constructor(label, origin, harms, say, { text, content, quote, fit }) {
    this.label = label;
    this.origin = origin;
    this.harms = harms;
    this.say = say;
    this.text = text;
    this.content = content;
    this.fit = fit;
    this.mark = markOf(text);
    this.title = make("h2", { tabIndex: -1 });
    this.back = make("p", { className: "note", role: "status" });
    this.help = make("p", { className: "note", role: "note" });
    this.error = make("p", { className: "wrong", role: "alert" });
    this.button = make("button", { className: "main", onclick: () => {
      if (!this.main.parentNode || this.category === "dislike") this.dialog.close();
      else if (this.button.form.reportValidity()) try { this.send(); } catch { this.show({}); } // a page can break what it needs
    } });
    this.main = make("div", {}, make("p", { className: "soft" }, say.who_reads), this.choices(), this.more());
    this.passage(quote);
    this.status = make("div", { role: "status" });
    this.dialog = make("dialog", { lang: say.lang, dir: say.dir, part: "dialog", onclose: () => this.leave() }, make("form", {},
      make("header", {}, this.title, button("✕", () => this.dialog.close(), { className: "quiet", ariaLabel: say.close })),
      make("div", { className: "body" }, this.back, this.status),
      make("footer", {}, this.error, this.button)));
    for (const type of ["click", "paste", "pointerdown", "mousedown", "keydown", "keyup", "keypress", "beforeinput", "input", "change"])
      this.dialog.addEventListener(type, (/** @type {any} */ event) => {
        event.stopPropagation(); // not for the page's shortcuts, cards and links
        this.last = event.target;
        // An address is asked for where somebody can use it: the server, or who decides about what is against the law.
        this.email.disabled = harms.anonymous.includes(this.category) || !harms.mail && this.faith.disabled;
        if (type !== "click") this.keep();
        // A form is not sent from a sandbox, and a link around the text not followed.
        else if (!event.target.matches("a,label,label span,.row input")) event.preventDefault();
      });
    this.renew(say.title);
  }

  /** The form, for a new report, with the beginning of its id: one that was taken back and is sent again is another one. @param {string} title @param {string} [back] */
  renew(title, back) {
    this.id = "xxxxxxxx-xxxx-4xxx-8xxx-".replace(/x/g, () => (crypto.getRandomValues(new Uint8Array(1))[0] & 15).toString(16));
    this.item = undefined;
    this.status.before(this.main);
    this.status.replaceChildren();
    this.button.textContent = this.say.send;
    this.greet(title, back);
    reports.set(this.label.el, this);
  }

  enter() {
    const { dialog, say, label: { box, root }, mark, category, comment } = this;
    dialog.style.colorScheme = getComputedStyle(box).colorScheme;
    root.append(dialog);
    this.rise();
    if (!dialog.open) throw dialog;
    // A page that moves the text, or writes it anew and the label in it, closes what is open there. One that breaks
    // observers has the dialog all the same.
    try {
      const ears = new MutationObserver(() => dialog.parentNode ? this.rise() : ears.disconnect());
      for (let at = root; at; at = /** @type {any} */ (at.host?.getRootNode())) ears.observe(at, { childList: true, subtree: true });
    } catch {}
    const earlier = arrived(mark), draft = read(DRAFT + mark);
    if (!category && !comment.value) this.recall(draft?.at > Date.now() - DAY ? draft : earlier);
    this.greet(say.title, (this.category || comment.value) && say.draft);
    this.title.focus();
    if (earlier) this.show(earlier);
  }

  rise() {
    const { dialog } = this;
    if (dialog.checkVisibility() || !dialog.isConnected) return;
    dialog.open = false;
    dialog.showModal();
    this.last?.focus();
    if (!dialog.checkVisibility()) dialog.close(); // in a text that is not shown it would only lock the page
  }

  leave() {
    clearInterval(this.clock);
    this.dialog.remove();
    if (document.activeElement === document.body) this.label.link.focus({ preventScroll: true });
  }

  /** @param {string} title @param {string} [back] what is told of what is still here */
  greet(title, back) {
    const { say } = this;
    this.title.textContent = this.dialog.ariaLabel = title;
    this.back.replaceChildren(...back ? [back, " ", button(say.start_over, () => this.startOver(), { className: "quiet" })] : []);
  }

  startOver() {
    const { label, origin, harms, say } = this;
    write(DRAFT + this.mark);
    this.dialog.remove();
    new Report(label, origin, harms, say, this).enter();
  }

  /** With the beginning of its id, and without the e-mail address. */
  keep() {
    const { id, category, comment: { value: comment }, quote, mark } = this;
    if (this.main.parentNode) write(DRAFT + mark, category !== "dislike" && (category || comment) && { id, category, comment, quote, at: Date.now() });
  }

  /** @param {any} draft or what was refused when nobody was there */
  recall(draft) {
    if (!draft) return;
    this.id = /^[\w-]{24}/.exec(draft.id)?.[0] ?? this.id; // one that an older version kept has none, or a whole one
    this.comment.value = draft.comment ?? "";
    this.comment.oninput();
    this.passage(draft.quote);
    const radio = [...this.fields.querySelectorAll("input")].find(({ value }) => value === draft.category);
    radio?.closest("fieldset>div").querySelector("input").click();
    radio?.click();
  }

  /** The choices, and under each the finer codes that it has. */
  choices() {
    const { say } = this;
    this.fields = make("fieldset", {}, make("legend", {}, say.why));
    let finest = 0;
    for (const [at, under] of [...this.harms.choices, ["dislike"]].entries()) {
      const [code] = under, words = say.choices[at], item = make("div"), finer = make("fieldset", { className: "finer", disabled: true, ariaLabel: words });
      item.append(row({ type: "radio", name: "choice", required: true, value: code, onchange: () => this.take(finer.querySelector(":checked")?.value ?? code, item) }, words), finer, make("div", { role: "status" }));
      if (under.length > 1) for (const one of under)
        finer.append(row({ type: "radio", name: code, value: one, checked: one === under[0], onchange: () => this.take(one, item) }, say.categories[finest++]));
      this.fields.append(item);
    }
    return this.fields;
  }

  /** What can be said beside the choice. */
  more() {
    const { say } = this;
    this.email = make("input", { type: "email", name: "email", autocomplete: "email", pattern: this.harms.limits.email, title: "name@example.org" });
    const faith = row({ type: "checkbox", required: true, name: "good_faith", disabled: true }, say.good_faith);
    this.faith = faith.firstChild;
    const illegal = row({ type: "checkbox", onchange: (/** @type {any} */ event) => { this.faith.disabled = !event.target.checked; } }, say.illegal);
    return this.rest = make("fieldset", { role: "none", disabled: true }, this.commentField(), illegal, faith, wrong(this.faith), field(this.email, say.email, this.harms.mail ? say.email_mail : say.email_no_mail), wrong(this.email));
  }

  /** The selected one, or else that of the draft. @param {any} quote */
  passage(quote) {
    const { say } = this;
    if (this.quote || !quote) return;
    this.quote = quote;
    const passage = make("div", {}, make("span", { className: "title" }, say.quote), make("blockquote", { className: "note" }, quote.exact),
      button(say.quote_remove, () => { this.quote = undefined; passage.remove(); this.keep(); this.comment.focus(); }, { className: "quiet" }));
    this.rest.prepend(passage);
  }

  commentField() {
    const { say } = this, { comment: most } = this.harms.limits;
    const count = make("span", { className: "soft", id: "left" });
    const comment = this.comment = make("textarea", { rows: 3, name: "comment", oninput() {
      const free = most - [...comment.value].length;
      count.textContent = free < most ? (say.left[new Intl.PluralRules(say.lang).select(free)] ?? say.left.other).replace("{n}", new Intl.NumberFormat(say.lang).format(free)) : "";
      comment.setCustomValidity(free < 0 ? count.textContent : "");
    } });
    const inside = make("div", {}, field(comment, say.comment, ""), wrong(comment), count);
    comment.setAttribute("aria-describedby", "comment left");
    return inside;
  }

  /** A choice, or a finer code under it, is taken. @param {string} code @param {Element} under */
  take(code, under) {
    const { help, say } = this, none = code === "dislike";
    this.category = code;
    for (const finer of this.fields.querySelectorAll(".finer")) finer.disabled = finer.parentNode !== under;
    help.textContent = none ? say.dislike_help : say.urgent[code] ?? "";
    under.lastChild?.appendChild(help).scrollIntoView({ block: "nearest" });
    this.rest.disabled = none;
    this.button.textContent = none ? say.close : say.send;
  }

  send() {
    const { category, quote, comment, email, faith, mark, origin: { site, host }, harms: { limits } } = this;
    const page = (/^http/.test(location.href) ? location.href : document.baseURI).split(/[?#]/)[0].slice(0, 2000);
    this.button.disabled = true;
    // What is said otherwise, or to another site, is another report: of one that it knows, the server takes nothing more.
    const id = /** @type {string} */ (this.id) + (1e11 + markOf(JSON.stringify([category, faith.disabled, email.value, site, comment.value, quote])) % 9e11);
    const report = {
      site, category, id, quote, page, text: clean(this.text, limits.text),
      content: this.content || undefined,
      lang: /** @type {HTMLElement | null} */ (this.label.el.closest("[lang]"))?.lang.split("-")[0],
      comment: clean(comment.value, limits.comment) || undefined,
      email: !email.disabled && email.value || undefined,
      good_faith: !faith.disabled || undefined,
    };
    this.fit?.(report);
    this.item = /** @type {any} */ ({ report, mark, tries: 0, url: host + "api/v1/reports" });
    hand(/** @type {Kept} */ (this.item), (outcome) => {
      outcome && this.show(outcome);
      return this.dialog.checkVisibility();
    });
  }

  /** What became of it. @param {Outcome} outcome */
  show({ id, receipt, status_url, errors, kept, at }) {
    const { say, title, item, dialog, label } = this;
    this.offerNoMore();
    this.button.disabled = false;
    this.error.replaceChildren();
    if (!(receipt || kept)) {
      if (!this.main.parentNode) this.renew(say.title, say.draft);
      return this.complain(errors);
    }
    this.main.remove();
    this.greet(receipt ? say.sent : say.kept, "");
    this.status.replaceChildren(...receipt ? this.receipt(receipt, status_url) : [make("p", {}, say.kept_next)]);
    this.button.textContent = say.close;
    reports.delete(label.el);
    // Until it has arrived its draft stays, with its id: whoever leaves meanwhile, and sends it again, sends no second one.
    if (receipt && (item || id?.startsWith(/** @type {string} */ (this.id)))) write(DRAFT + this.mark);
    if (item) {
      /** @type {Kept} */ (item).receipt = receipt;
      if (dialog.isConnected && (receipt || !item.unsure)) this.offerUndo(receipt ? 10 : 0);
    }
    title.focus();
    if (receipt && !at) label.tell("reported", { receipt });
  }

  /** A thing to keep. @param {string} receipt @param {string} [status_url] */
  receipt(receipt, status_url) {
    const { say } = this, code = make("code", {}, receipt);
    const copy = button(say.copy, async () => {
      getSelection()?.selectAllChildren(code);
      try { await navigator.clipboard.writeText(receipt); } catch { if (!document.execCommand("copy")) return; }
      copy.textContent = say.copied;
    });
    return [make("p", {}, say.sent_next), make("span", { className: "title" }, say.receipt), code, copy, elsewhere(status_url, say.follow)];
  }

  /** Later it is taken back on the page of its receipt. @param {number} seconds 0: as long as it is kept here */
  offerUndo(seconds) {
    const { say } = this, left = make("span", { ariaHidden: "true" }), undo = this.undo = button(say.undo, () => this.takeBack());
    this.button.before(undo);
    const tick = () => {
      left.textContent = new Intl.NumberFormat(say.lang, { style: "unit", unitDisplay: "narrow", unit: "second" }).format(seconds);
      if (seconds--) return;
      if (undo.matches(":focus")) this.title.focus();
      this.offerNoMore();
    };
    if (!seconds) return;
    undo.append(left);
    this.clock = setInterval(tick, 1e3);
    tick();
  }

  offerNoMore() {
    clearInterval(this.clock);
    this.undo?.remove();
  }

  async takeBack() {
    const { say, status, title } = this, item = /** @type {Kept} */ (this.item);
    this.undo.disabled = true;
    if (await takeBack(item)) {
      this.renew(say.undone, say.undone_next);
      this.keep();
    } else this.error.append(status.firstChild ?? ""); // it stands: what that means is said again, aloud
    this.offerNoMore();
    (status.querySelector("a") ?? title).focus(); // there it can be deleted later
  }

  /** What the server refuses is said at its field. @param {any} errors */
  complain(errors = {}) {
    const { rest, say, label } = this;
    let first;
    for (const control of rest.querySelectorAll("[name]")) {
      const { [control.name]: messages = [] } = errors;
      control.closest("label").nextSibling.textContent = messages.join(" ");
      if (control.ariaInvalid = !!messages[0]) first ??= control;
      delete errors[control.name];
    }
    this.error.append([say.failed, ...Object.values(errors).flat()].join(" "), first ? "" : elsewhere(label.link.href, say.open_form));
    (first ?? this.button).focus();
    first?.closest("label").nextSibling.scrollIntoView({ block: "nearest" });
  }
}
