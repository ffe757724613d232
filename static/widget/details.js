// @ts-check
// What the badge tells when it is pressed, and what stands in place of a withdrawn text. Loaded on first use.
import { fold } from "./fold.js";
import { hide, show } from "./hide.js";
import { identify } from "./identity.js";

const AGAIN = 3e5;
const AT_ONCE = 100;

const STYLE = `
.label:has(.about){content-visibility:visible}
.about,.notice{display:grid;padding:4px 12px;border:1px solid var(--machine-generated-border,#8888);border-radius:8px;background:var(--machine-generated-background,Canvas);line-height:24px}
.about{width:max-content;max-width:min(320px,80vw);box-sizing:border-box;margin-block:4px;margin-inline-end:-999px;overflow-wrap:anywhere}
.about>*{overflow:clip}
.notice{color:var(--machine-generated-color,CanvasText);font:13px/24px var(--machine-generated-font,system-ui)}
.about a{color:var(--machine-generated-accent,light-dark(#05c,#8bf))}
`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

/** @type {(name: string, properties: object, ...inside: any[]) => any} */
const make = (name, properties, ...inside) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...inside);
  return node;
};

/** What the server says of these texts: of which it knows the token, which are withdrawn. @type {(texts: object[], origin: Origin) => Promise<any>} */
const known = async (texts, { site, host }) => {
  const answer = await fetch(`${host}api/v1/approvals`, { method: "POST", body: JSON.stringify({ site, texts }), credentials: "omit" });
  if (!answer.ok) throw answer;
  return answer.json();
};

/** @type {(text: string | null, part: Part) => Promise<string>} */
const digest = (text, part) => identify(fold(text ?? ""), async (bytes) => (await part("sha256")).default(bytes));

/** What a token tells: when it was signed (t), whether a person has edited the text (e), who answers for it (w). @type {(token: string) => Promise<{ t?: number, e?: number, w?: string }>} */
const read = async (token) => {
  const packed = token[0] === ".", payload = token.split(".")[+packed].replaceAll("-", "+").replaceAll("_", "/");
  try {
    const body = new Blob([Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0))]).stream();
    return { __proto__: null, ...await new Response(packed ? body.pipeThrough(new DecompressionStream("deflate")) : body).json() };
  } catch {
    return {};
  }
};

/** The same, if the site has signed it for exactly this text: anybody can write a token. Nothing, if the server does not say. @type {(label: any, origin: Origin, part: Part) => Promise<{ t?: number, e?: number, w?: string } | undefined>} */
const signed = async (label, origin, part) => {
  const content = label.facts()[2];
  if (!content) return {};
  try {
    const text = { text_sha256: await digest(label.el.textContent, part), content }, { signed: [holds] } = await known([text], origin);
    return holds ? await read(content) : {};
  } catch {}
};

/** `words` with `inside` where they say so. @type {(words: string, place: string, inside: any) => any} */
const around = (words, place, inside) => {
  const [before, after] = words.split(place);
  return make("span", {}, before, inside, after);
};

/** @type {(say: any, name?: string, value?: string) => any} */
const named = (say, name, value) => value && around(name ? say.named.replace("{name}", name) : "{value}", "{value}", make("bdi", {}, value));

/** @type {(words: string | undefined, date: Date | undefined, lang: string) => any} */
const dated = (words, date, lang) => {
  if (!words || !date || isNaN(+date)) return;
  const dateTime = date.toISOString().slice(0, 10), told = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" }).format(date);
  return around(words, "{date}", make("time", { dateTime }, told));
};

/** The words in this language; none where they cannot be had. @type {(folder: string, lang: string) => Promise<any>} */
const details = (folder, lang) => fetch(`${folder}/details/${lang}.json`, { credentials: "omit" }).then((answer) => answer.json()).catch(() => ({}));

/** Writes what is known now. @type {(label: any, origin: Origin, part: Part) => Promise<void>} */
const fill = async (label, origin, part) => {
  const { host, words } = origin, { box: { lang }, root } = label, [found, say] = await Promise.all([signed(label, origin, part), details(words, lang)]), said = found ?? {};
  const about = root.querySelector(".about"), link = about?.querySelector("a") ?? make("a", { href: `${host}about?lang=${lang}`, target: "_blank", rel: "noopener" }, "?");
  if (!about || link.parentNode && !(say.what && found)) return; // closed meanwhile; or better than what stands there is not to be had
  const [model, provider, , review] = label.facts(), { outcome, on, note } = label.verdict ?? {};
  const lines = [
    named(say, say.model, model),
    named(say, say.provider, provider),
    dated(say.generated_on, said.t ? new Date(said.t * 1e3) : undefined, lang),
    make("span", {}, (review === "human" ? say.reviewed : say.not_reviewed) ?? ""),
    said.e && make("span", {}, say.edited ?? ""),
    named(say, say.responsible, said.w),
    dated({ relabelled: say.corrected_on, dismissed: say.kept_on }[/** @type {string} */ (outcome)], new Date(on), lang),
    named(say, "", note),
  ];
  if (say.what) link.textContent = say.what;
  if (!link.parentNode) about.replaceChildren(link);
  while (link.previousSibling) link.previousSibling.remove(); // the link stays in its place: it may have the focus
  link.before(...lines.filter((line) => line?.textContent));
};

/** How wide it can be before something around the text may cut it off. @type {(label: any) => number} */
const room = ({ el, badge, box }) => {
  let around = getComputedStyle(box).display === "flex" ? box : el;
  const outer = () => Reflect.get(Node.prototype, "parentElement", around); // a form's fields can have that name
  while (!around.clientWidth && outer()) around = outer(); // what stands in a line has no width of its own
  const { left, right } = around.getBoundingClientRect(), start = badge.getBoundingClientRect();
  return box.dir === "rtl" ? start.right - left : right - start.left;
};

/** Opens and closes. A server's label is <details>, which has done so by itself. @type {(label: any, origin: Origin, part: Part) => Promise<void>} */
export const toggle = async (label, origin, part) => {
  const { badge, root } = label, place = root.querySelector(".details"), native = place.localName === "details";
  const isOpen = () => native ? place.open : label.refresh;
  const close = () => {
    label.refresh = undefined;
    if (native) place.open = false;
    else root.querySelector(".about").remove(), badge.setAttribute("aria-expanded", "false");
  };
  place.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !isOpen()) return;
    event.preventDefault(); // what the text stands in stays open
    event.stopPropagation();
    close();
    badge.focus({ preventScroll: true });
  };
  if (native ? !place.open : label.refresh) return close();
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  if (!native) place.append(make("span", { className: "about", part: "about" }, label.facts().slice(0, 2).join(" "))), badge.setAttribute("aria-expanded", "true");
  root.querySelector(".about").style.maxWidth = `min(320px, 80vw, ${room(label)}px)`;
  if (!root.activeElement) badge.focus({ preventScroll: true, focusVisible: false }); // by mouse it has no focus, and Escape would go elsewhere
  label.refresh = () => fill(label, origin, part);
  await label.refresh();
};

/** Says, in its place, why the text is not there; once more in another language, if the page changes to it. @type {(label: any, origin: Origin, name: string, english: string) => Promise<void>} */
export const notice = async ({ root, box }, { words }, name, english) => {
  const { lang, dir } = box, { [name]: said } = await details(words, lang), slot = root.querySelector("slot");
  if (box.lang !== lang || slot.textContent === (said ?? english)) return;
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  slot.replaceChildren(make("span", { className: "notice", part: "notice", role: "note", ...said && { lang, dir } }, said ?? english));
};

/** @type {(label: any) => void} */
const uncover = (label) => {
  const { el, root } = label;
  label.veil?.disconnect();
  label.told = undefined;
  if (root.host !== el) show(label);
  root.querySelector("slot").replaceChildren();
};

/** Until the page writes another text there. @type {(label: any, text: string) => void} */
const hideWhile = (label, text) => {
  hide(label);
  label.veil = new MutationObserver(() => {
    if (label.el.textContent !== text) uncover(label); // not if it is written again, by whatever means
  });
  label.veil.observe(label.el, { subtree: true, childList: true, characterData: true });
};

/** What is withdrawn on this page, for as long as the page keeps it. @type {Set<WeakRef<any>>} */
const gone = new Set();

/** Those that a moderator has let stand again come back, without a view: nobody has seen them. @type {(origin: Origin, part: Part) => Promise<void>} */
const askAgain = async (origin, part) => {
  const labels = [];
  for (const kept of gone) {
    const label = kept.deref();
    if (!label) gone.delete(kept);
    else if (label.gone === "withdraw" && label.el.isConnected && !Reflect.get(Document.prototype, "hidden", document)) labels.push(label);
  }
  while (labels[0]) {
    const some = labels.splice(0, AT_ONCE), hashes = await Promise.all(some.map(({ told }) => digest(told, part)));
    const { withdrawn } = await known(hashes.map((text_sha256) => ({ text_sha256 })), origin);
    some.forEach((label, at) => {
      if (withdrawn.includes(hashes[at]) || label.told !== label.el.textContent) return;
      label.verdict.gone = "";
      label.gone = label.recover?.() ?? "";
      uncover(label);
      label.write();
      gone.delete(label.kept);
    });
  }
};

/** @type {(origin: Origin, part: Part) => void} */
const later = (origin, part) => {
  setTimeout(() => askAgain(origin, part).catch(() => {}).then(() => { if (gone.size) later(origin, part); }), AGAIN);
};

/** Takes the text off the page, for as long as it stands there and is withdrawn. @type {(label: any, origin: Origin, part: Part) => Promise<void>} */
export const withdraw = async (label, origin, part) => {
  const { el, root } = label, text = el.textContent;
  if (label.gone !== "withdraw") return;
  if (label.told !== text) {
    label.told = text;
    if (!gone.size) later(origin, part);
    gone.add(label.kept ??= new WeakRef(label));
    label.tell("withdrawn");
    if (root.host !== el) hideWhile(label, text); // a text beside its label, where it could not be inside
  }
  await notice(label, origin, "withdrawn", "This text was withdrawn by a moderator.");
  if (label.told !== text) root.querySelector("slot").replaceChildren();
};
