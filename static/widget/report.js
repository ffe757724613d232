// @ts-check
/// <reference path="types.d.ts" />
// The report dialog. Loaded on first use.
import { hand } from "./outbox.js";
export { flush } from "./outbox.js";

const STYLE = `
dialog{all:initial;--text:var(--machine-generated-color,light-dark(#222,#eee));--soft:light-dark(#555,#bbb);--accent:var(--machine-generated-accent,light-dark(#05c,#8bf));--ground:var(--machine-generated-background,light-dark(#fff,#222));--line:light-dark(#8a8a8a,#8a8a8a);--tint:light-dark(#f3f6fb,#2c3038);color-scheme:inherit;color:var(--text);background:var(--ground);font:15px/22px var(--machine-generated-font,system-ui,sans-serif);position:fixed;inset:0;margin:auto;width:min(448px,100vw - 32px);height:fit-content;max-height:min(704px,100dvh - 32px);border:1px solid var(--line);border-radius:16px;overflow:hidden;flex-direction:column}
dialog[open]{display:flex}
dialog:not([open]),[hidden]{display:none!important}
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
button,.button{display:inline-flex;align-items:center;justify-content:center;min-height:40px;padding:0 16px;border:1px solid var(--line);border-radius:8px;background:none;color:inherit;font:inherit;font-weight:600;cursor:pointer}
button.main{flex:1;border-color:var(--accent);background:var(--accent);color:var(--ground)}
button.main:disabled{opacity:.6}
button.quiet{min-height:32px;padding:0 8px;border:0}
.body button,.button{margin-inline-end:8px}
:empty:is(p,.soft){display:none}
.wrong{display:block;flex:1 0 100%;margin:4px 0;color:light-dark(#b00020,#ff9a9a);font-weight:600}
code{display:block;margin:4px 0 12px;padding:12px;border-radius:8px;background:var(--tint);font:600 17px/24px ui-monospace,monospace;text-align:center;overflow-wrap:anywhere;user-select:all}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media(max-width:480px){dialog{inset:auto 0 0;width:100%;max-height:92dvh;margin:0;border-width:1px 0 0;border-radius:16px 16px 0 0}footer{padding-bottom:max(12px,env(safe-area-inset-bottom))}}
@media(prefers-reduced-motion:no-preference){dialog{transition:translate .2s;translate:0}@starting-style{dialog[open]{translate:0 16px}}}
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

/** @type {(name: string, properties?: object, ...inside: any[]) => any} */
const make = (name, properties, ...inside) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...inside);
  return node;
};

/** The first `limit` code points of valid Unicode without NUL. @type {(text: string, limit: number) => string} */
const clean = (text, limit) => [...new TextDecoder().decode(new TextEncoder().encode(text)).replaceAll("\0", "\uFFFD")].slice(0, limit).join("");

/** The selected passage of this element, with a little of what stands around it. @type {(el: Element, range: Range | undefined, limits: any) => any} */
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
  const { el, root, box, link } = label, { base } = origin;
  const selection = getSelection();
  const range = selection?.isCollapsed === false ? selection.getRangeAt(0).cloneRange() : label.range;
  label.range = undefined;
  if (root.querySelector("dialog[open]")) return;
  const lang = box.lang || el.closest("[lang]")?.getAttribute("lang") || "en";
  const [harms, say] = await Promise.all([
    load(base + "harms.json"),
    load(`${base}words/report/${lang.split("-")[0].toLowerCase()}.json`).catch(() => load(base + "words/report/en.json")),
  ]);
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  const quote = quoted(el, range, harms.limits);
  let dialog = drafts.get(el);
  if (!dialog || quote) {
    dialog?.remove();
    drafts.set(el, dialog = build(label, origin, harms, say, quote));
    dialog.style.colorScheme = box.style.colorScheme;
  }
  root.append(dialog);
  dialog.showModal();
  dialog.onclose = () => {
    dialog.remove();
    if (!document.activeElement || document.activeElement === document.body) link.focus({ preventScroll: true });
  };
};

/** @type {(label: Reportable, origin: Origin, harms: any, say: any, quote: any) => HTMLDialogElement} */
const build = (label, { site, host }, { choices, categories, limits, mail }, say, quote) => {
  const { el } = label, text = el.textContent, { content } = label.facts();
  const id = crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) => (+digit ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> +digit / 4).toString(16));
  let category = "";

  const title = make("h2", { id: "title", tabIndex: -1 }, say.title);
  const help = make("div", { className: "note", role: "note" });
  const error = make("p", { className: "wrong", role: "alert" });
  const button = make("button", { className: "main" }, say.send);
  const close = (/** @type {string} */ words, /** @type {object} */ more) => make("button", { type: "button", onclick: () => dialog.close(), ...more }, words);
  const row = (/** @type {object} */ control, /** @type {string} */ words) => make("label", { className: "row" }, make("input", control), make("span", {}, words));
  const field = (/** @type {HTMLInputElement} */ control, /** @type {string} */ name, /** @type {string} */ hint) =>
    make("label", {}, make("span", { className: "title" }, name), control, make("span", { className: "soft" }, hint));

  const comment = make("textarea", { name: "comment", rows: 3 });
  const count = make("span", { className: "soft" });
  comment.oninput = () => {
    const length = [...comment.value].length;
    count.textContent = length ? `${length} / ${limits.comment}` : "";
    comment.setCustomValidity(length > limits.comment ? count.textContent : "");
  };
  const email = make("input", { type: "email", name: "email", autocomplete: "email" });
  const emailField = field(email, say.email, mail ? say.email_mail : say.email_no_mail);
  const faith = make("input", { type: "checkbox", name: "good_faith" });
  const faithRow = make("label", { className: "row", hidden: true }, faith, make("span", {}, say.good_faith));
  const illegal = row({ type: "checkbox", onchange: (/** @type {any} */ event) => { faithRow.hidden = !(faith.required = event.target.checked); } }, say.illegal);
  const passage = quote && make("div", {}, make("span", { className: "title" }, say.quote), make("blockquote", {}, quote.exact),
    make("button", { type: "button", className: "quiet", onclick: () => { quote = undefined; passage.remove(); comment.focus(); } }, say.quote_remove));
  const more = make("div", { hidden: true }, passage ?? "", field(comment, say.comment, ""), count, emailField, illegal, faithRow);

  /** A choice, or a finer code under it, is taken. @type {(code: string, under: Element) => void} */
  const take = (code, under) => {
    category = code;
    const none = code === "dislike";
    for (const finer of fields.querySelectorAll(".finer")) finer.hidden = finer !== under.querySelector(".finer");
    help.textContent = none ? say.dislike_help : say.urgent[code] ?? "";
    if (help.textContent) under.append(help), help.scrollIntoView({ block: "nearest" }); else help.remove();
    more.hidden = none;
    button.textContent = none ? say.close : say.send;
    emailField.hidden = categories[code]?.identity === false;
  };
  const fields = make("fieldset", {}, make("legend", {}, say.why));
  for (const { code, under = [] } of [...choices, { code: "dislike" }]) {
    const item = make("div"), finer = make("div", { className: "finer", hidden: true });
    item.append(row({ type: "radio", name: "choice", required: true, onchange: () => take(finer.querySelector(":checked")?.value ?? code, item) }, say.choices[code]));
    if (under.length > 1) item.append(finer);
    for (const one of under.length > 1 ? under : [])
      finer.append(row({ type: "radio", name: code, value: one, checked: one === under[0], onchange: () => take(one, item) }, say.categories[one]));
    fields.append(item);
  }

  /** @type {(outcome: Outcome) => void} */
  const show = ({ receipt, status_url, problem, kept }) => {
    button.disabled = false;
    for (const old of dialog.querySelectorAll(".wrong")) old.textContent = "";
    if (!receipt && !kept) return complain(problem);
    title.textContent = receipt ? say.sent : say.kept;
    const copy = make("button", { type: "button" }, say.copy), code = make("code", {}, receipt ?? "");
    copy.onclick = async () => {
      try {
        await navigator.clipboard.writeText(receipt ?? "");
        copy.textContent = say.copied;
      } catch { getSelection()?.selectAllChildren(code); }
    };
    status.replaceChildren(...receipt
      ? [make("p", {}, say.sent_next), make("span", { className: "title" }, say.receipt), code, copy, " ", make("a", { className: "button", href: status_url, target: "_blank", rel: "noopener" }, say.follow)]
      : [make("p", {}, say.kept_next)]);
    main.hidden = true;
    button.replaceWith(close(say.close, { className: "main" }));
    error.remove();
    drafts.delete(el);
    title.focus();
    if (receipt) label.tell("reported", { receipt });
  };

  /** @type {(problem: any) => void} */
  const complain = (problem) => {
    const at = { comment, email, good_faith: faithRow };
    const rest = Object.entries(problem?.errors ?? {}).flatMap(([name, messages]) => {
      const place = /** @type {Record<string, Element>} */ (at)[name];
      place?.after(make("span", { className: "wrong" }, messages.join(" ")));
      return place ? [] : messages;
    });
    error.textContent = [say.failed, rest.join(" ") || (problem?.errors ? "" : problem?.detail ?? "")].join(" ");
  };

  const main = make("div", {}, make("p", { className: "soft" }, say.who_reads), fields, more), status = make("div", { role: "status" });
  const form = make("form", {},
    make("header", {}, title, close("✕", { className: "quiet", ariaLabel: say.close })),
    make("div", { className: "body" }, main, status),
    make("footer", {}, error, button));
  const dialog = make("dialog", { lang: say.lang, dir: say.dir }, form);
  dialog.setAttribute("aria-labelledby", "title");
  dialog.part = "dialog";
  for (const type of ["keydown", "keyup", "keypress", "input"]) dialog.addEventListener(type, (/** @type {Event} */ event) => event.stopPropagation()); // the page's shortcuts
  form.onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (category === "dislike") return dialog.close();
    button.disabled = true;
    const asked = !emailField.hidden && email.value.trim(), says = clean(comment.value, limits.comment);
    const report = {
      site, id, category, page: location.href.split(/[?#]/)[0], text: clean(text, limits.text), quote,
      ...content && { content }, ...says && { comment: says }, ...asked && { email: asked }, ...faith.required && { good_faith: true },
    };
    show(await hand({ url: host + "api/v1/reports", report: fit(report), tries: 0, after: 0 }, show));
  };
  return dialog;
};

/** 64 KiB are the most that the server takes. @type {(report: any) => any} */
const fit = (report) => {
  while (new TextEncoder().encode(JSON.stringify(report)).length > 65000) report.text = clean(report.text, [...report.text].length * 0.9 | 0);
  return report;
};
