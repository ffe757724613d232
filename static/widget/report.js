// @ts-check
// The report dialog. Loaded on first use.
import { hand } from "./outbox.js";
export { flush } from "./outbox.js";

const STYLE = `
dialog{all:initial;--soft:light-dark(#555,#bbb);--accent:var(--machine-generated-accent,light-dark(#05c,#8bf));--ground:var(--machine-generated-background,Canvas);--line:#8a8a8a;--tint:light-dark(#f3f6fb,#2c3038);color-scheme:inherit;color:var(--machine-generated-color,CanvasText);background:var(--ground);font:15px/22px var(--machine-generated-font,system-ui,sans-serif);position:fixed;inset:0;margin:auto;width:min(448px,100vw - 32px);height:fit-content;max-height:min(800px,100dvh - 32px);border:1px solid var(--line);border-radius:16px;overflow:hidden;flex-direction:column}
dialog[open]{display:flex}
dialog:not([open]),:is(fieldset:disabled,label:has(:disabled),label:has(:disabled)+.wrong){display:none!important}
dialog::backdrop{background:#0008}
*{box-sizing:border-box}
form{display:contents}
header,footer{display:flex;align-items:center;gap:12px;padding:12px 20px}
footer{flex-wrap:wrap;border-top:1px solid var(--tint)}
h2{flex:1;margin:0;font-size:18px;line-height:24px;outline:0}
.body{overflow:auto;padding:0 20px 16px;overscroll-behavior:contain}
p{margin:0 0 12px}
.soft{color:var(--soft);font-size:13px;line-height:18px}
fieldset{margin:0;padding:0;border:0;min-width:0}
legend,.title{display:block;padding:0;margin:12px 0 4px;font-weight:600}
.row{display:flex;gap:12px;align-items:center;min-height:40px;padding:6px 12px;border-radius:8px;cursor:pointer}
.row:hover,.row:has(:checked){background:var(--tint)}
.finer{margin-inline-start:28px}
.finer .row{min-height:32px;padding-block:4px}
.note{margin:4px 0 8px;padding:10px 12px;border-inline-start:4px solid var(--accent);background:var(--tint);white-space:pre-line}
input[type=radio],input[type=checkbox]{flex:none;width:20px;height:20px;margin:0;accent-color:var(--accent)}
textarea,input[type=email]{display:block;width:100%;padding:8px 12px;border:1px solid var(--line);border-radius:8px;background:var(--ground);color:inherit;font:inherit;font-size:16px}
textarea{min-height:72px;resize:vertical}
blockquote{margin:0;padding:8px 12px;border-inline-start:3px solid var(--line);max-height:96px;overflow:auto;white-space:pre-line}
button,.button{display:inline-flex;align-items:center;justify-content:center;min-height:40px;padding:0 16px;border:1px solid var(--line);border-radius:8px;background:none;color:inherit;font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
button.main{flex:1;border-color:var(--accent);background:var(--accent);color:var(--ground)}
button.main:disabled{opacity:.6}
button.quiet{min-height:32px;padding:0 8px;border:0}
.body .quiet{padding:0;color:var(--accent);text-decoration:underline}
.body button,.button{margin-inline-end:8px}
:empty:is(p,.soft,.wrong,.finer){display:none}
.wrong{display:block;flex:1 0 100%;margin:4px 0;color:light-dark(#b00020,#ff9a9a);font-weight:600}
code{display:block;margin:4px 0 12px;padding:12px;border-radius:8px;background:var(--tint);font:600 17px/24px ui-monospace,monospace;text-align:center;overflow-wrap:anywhere;user-select:all}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media(max-width:480px){dialog{inset:auto 0 0;width:100%;max-height:92dvh;margin:0;border-width:1px 0 0;border-radius:16px 16px 0 0}footer{padding-bottom:max(12px,env(safe-area-inset-bottom))}}
`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

/** @type {WeakMap<Element, HTMLDialogElement>} what was typed stays when the dialog is closed */
const drafts = new WeakMap();

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

/** What the server says of a control. @type {(control: any) => any} */
const wrong = (control) => {
  control.setAttribute("aria-describedby", control.name);
  return make("span", { className: "wrong", id: control.name });
};

/** The first `limit` code points of valid Unicode without NUL. @type {(text: any, limit: number) => string} */
const clean = (text, limit) => [...text.toWellFormed().replaceAll("\0", "\uFFFD")].slice(0, limit).join("");

/** The selected passage of this element, with a little of what stands around it. @type {Quote} */
const quoted = (el, range, limits) => {
  if (!range?.intersectsNode(el)) return;
  const [all, exact, before] = [0, 0, 0].map(() => document.createRange());
  for (const one of [all, exact, before]) one.selectNodeContents(el);
  if (exact.comparePoint(range.startContainer, range.startOffset) === 0) exact.setStart(range.startContainer, range.startOffset);
  if (exact.comparePoint(range.endContainer, range.endOffset) === 0) exact.setEnd(range.endContainer, range.endOffset);
  before.setEnd(exact.startContainer, exact.startOffset);
  const [text, start, words] = [all, before, exact].map(String);
  if (!words.trim()) return;
  const around = clean(start, Infinity);
  return {
    exact: clean(words, limits.quote),
    prefix: [...around].slice(-limits.context).join(""),
    suffix: clean(text.slice(start.length + words.length), limits.context),
  };
};

/** Opens the dialog in the element's shadow root. @type {(label: Reportable, origin: Origin) => Promise<void>} */
export const open = async (label, origin) => {
  const { el, root, box, link } = label, { base } = origin, selection = getSelection();
  const range = selection?.rangeCount ? selection.getRangeAt(0).cloneRange() : undefined;
  const [harms, say] = await Promise.all([
    load(base + "harms.json"),
    load(`${base}words/report/${box.lang}.json`).catch(() => load(base + "words/report/en.json")),
  ]);
  if (root.querySelector("dialog[open]")) return;
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  const quote = quoted(el, range, harms.limits);
  const draft = drafts.get(el), dialog = draft && !quote ? draft : new Report(label, origin, harms, say, quote).dialog;
  drafts.set(el, dialog);
  dialog.style.colorScheme = getComputedStyle(box).colorScheme;
  root.append(dialog);
  dialog.showModal();
  dialog.onclose = () => {
    dialog.remove();
    if (document.activeElement === document.body) link.focus({ preventScroll: true });
  };
};

class Report {
  category = "";
  id = "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) => (+digit ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> +digit / 4).toString(16));

  /** @param {Reportable} label @param {Origin} origin @param {any} harms @param {any} say @param {any} quote */
  constructor(label, origin, harms, say, quote) {
    this.label = label;
    this.origin = origin;
    this.harms = harms;
    this.say = say;
    this.quote = quote;
    this.text = label.el.textContent;
    this.title = make("h2", { id: "title", tabIndex: -1 }, say.title);
    this.help = make("div", { className: "note", role: "note" });
    this.error = make("p", { className: "wrong", role: "alert" });
    this.button = make("button", { className: "main", onclick: (/** @type {Event} */ event) => {
      event.preventDefault(); // a form is not sent from a sandbox
      if (this.button.form.reportValidity()) this.send();
    } }, say.send);
    this.main = make("div", {}, make("p", { className: "soft" }, say.who_reads), this.choices(), this.more());
    this.status = make("div", { role: "status" });
    this.dialog = make("dialog", { lang: say.lang, dir: say.dir, part: "dialog" }, make("form", {},
      make("header", {}, this.title, this.close("✕", { className: "quiet", ariaLabel: say.close })),
      make("div", { className: "body" }, this.main, this.status),
      make("footer", {}, this.error, this.button)));
    this.dialog.setAttribute("aria-labelledby", "title");
    for (const type of ["keydown", "keyup", "keypress", "input"]) // not for the page's shortcuts
      this.dialog.addEventListener(type, (/** @type {Event} */ event) => event.stopPropagation());
  }

  /** @param {string} words @param {object} more */
  close(words, more) { return make("button", { type: "button", onclick: () => this.dialog.close(), ...more }, words); }

  /** The choices, and under each the finer codes that it has. */
  choices() {
    const { say } = this;
    this.fields = make("fieldset", {}, make("legend", {}, say.why));
    for (const { code, under = [] } of [...this.harms.choices, { code: "dislike" }]) {
      const item = make("div"), finer = make("fieldset", { className: "finer", disabled: true, ariaLabel: say.choices[code] });
      item.append(row({ type: "radio", name: "choice", required: true, onchange: () => this.take(finer.querySelector(":checked")?.value ?? code, item) }, say.choices[code]), finer, make("div", { role: "status" }));
      if (under.length > 1) for (const one of under)
        finer.append(row({ type: "radio", name: code, value: one, checked: one === under[0], onchange: () => this.take(one, item) }, say.categories[one]));
      this.fields.append(item);
    }
    return this.fields;
  }

  /** What can be said beside the choice. */
  more() {
    const { say, quote } = this;
    this.email = make("input", { type: "email", name: "email", autocomplete: "email" });
    const faith = row({ type: "checkbox", name: "good_faith", required: true, disabled: true }, say.good_faith);
    this.faith = faith.firstChild;
    const illegal = row({ type: "checkbox", onchange: (/** @type {any} */ event) => { this.faith.disabled = !event.target.checked; } }, say.illegal);
    const passage = quote ? make("div", {}, make("span", { className: "title" }, say.quote), make("blockquote", {}, quote.exact),
      make("button", { type: "button", className: "quiet", onclick: () => { this.quote = undefined; passage.remove(); this.comment.focus(); } }, say.quote_remove)) : "";
    return this.rest = make("fieldset", { role: "none", disabled: true }, passage, this.commentField(), field(this.email, say.email, this.harms.mail ? say.email_mail : say.email_no_mail), wrong(this.email), illegal, faith, wrong(this.faith));
  }

  commentField() {
    const count = make("span", { className: "soft" }), { comment: most } = this.harms.limits;
    const comment = this.comment = make("textarea", { name: "comment", rows: 3, oninput() {
      const length = [...comment.value].length;
      count.textContent = length ? `${length} / ${most}` : "";
      comment.setCustomValidity(length > most ? count.textContent : "");
    } });
    return make("div", {}, field(comment, this.say.comment, ""), wrong(comment), count);
  }

  /** A choice, or a finer code under it, is taken. @param {string} code @param {Element} under */
  take(code, under) {
    const { say, help } = this, none = code === "dislike";
    this.category = code;
    for (const finer of this.fields.querySelectorAll(".finer")) finer.disabled = finer.parentNode !== under;
    help.textContent = none ? say.dislike_help : say.urgent[code] ?? "";
    if (help.textContent) under.lastChild?.appendChild(help).scrollIntoView({ block: "nearest" }); else help.remove();
    this.rest.disabled = none;
    this.button.textContent = none ? say.close : say.send;
    this.email.disabled = this.harms.categories[code]?.identity === false;
  }

  async send() {
    const { category, id, quote, origin: { site, host }, harms: { limits } } = this;
    if (category === "dislike") return this.dialog.close();
    this.button.disabled = true;
    const report = {
      site, id, category, quote, page: location.href.split(/[?#]/)[0].slice(0, 2000), text: clean(this.text, limits.text),
      content: this.label.facts()[2],
      comment: clean(this.comment.value, limits.comment) || undefined,
      email: !this.email.disabled && this.email.value.trim() || undefined,
      good_faith: !this.faith.disabled || undefined,
    };
    const show = (/** @type {Outcome} */ outcome) => this.show(outcome);
    show(await hand({ url: host + "api/v1/reports", report: fit(report), tries: 0, after: 0 }, show));
  }

  /** @param {Outcome} outcome */
  show({ receipt = "", status_url, problem, kept }) {
    const { say, title, label, button } = this;
    button.disabled = false;
    if (!receipt && !kept) return this.complain(problem);
    title.textContent = receipt ? say.sent : say.kept;
    this.status.replaceChildren(...receipt ? this.receipt(receipt, status_url) : [make("p", {}, say.kept_next)]);
    this.main.remove();
    button.replaceWith(this.close(say.close, { className: "main" }));
    this.error.remove();
    drafts.delete(label.el);
    title.focus();
    if (receipt) label.tell("reported", { receipt });
  }

  /** A thing to keep. @param {string} receipt @param {string} [status_url] */
  receipt(receipt, status_url) {
    const { say } = this, code = make("code", {}, receipt);
    const copy = make("button", { type: "button", onclick: async () => {
      getSelection()?.selectAllChildren(code);
      try { await navigator.clipboard.writeText(receipt); } catch { if (!document.execCommand("copy")) return; }
      copy.textContent = say.copied;
    } }, say.copy);
    return [make("p", {}, say.sent_next), make("span", { className: "title" }, say.receipt), code, copy,
      make("a", { className: "button", href: status_url, target: "_blank", rel: "noopener" }, say.follow)];
  }

  /** What the server refuses is said at its field. @param {any} problem */
  complain(problem) {
    const errors = { ...problem?.errors };
    for (const control of this.rest.querySelectorAll("[name]")) {
      const { [control.name]: messages = [] } = errors;
      control.closest("label").nextSibling.textContent = messages.join(" ");
      if (control.ariaInvalid = !!messages[0]) control.focus();
      delete errors[control.name];
    }
    this.error.textContent = [this.say.failed, ...Object.values(errors).flat(), problem?.errors ? "" : problem?.detail].join(" ");
  }
}

/** 64 KiB are the most that the server takes. @type {(report: any) => any} */
const fit = (report) => {
  for (let over; report.text && (over = new Blob([JSON.stringify(report)]).size - 65536) > 0;)
    report.text = [...report.text].slice(0, ~(over / 6)).join(""); // a character has 6 bytes at most
  return report;
};
