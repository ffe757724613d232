// @ts-check
// Keeps texts for many people covered until the server says that a person has approved exactly this text (guideline 2.i).
import { hide, show } from "./hide.js";
import { fold } from "./fold.js";
import { identify } from "./identity.js";

const AT_ONCE = 20;
const AGAIN = 6e4;
const HELD = "This text is waiting to be reviewed by a person.";
const { matches, querySelectorAll } = Element.prototype; // a form's fields can have these names
const MARKED = "[data-machine-generated]:not([data-machine-generated=false])";
/** As an animation, it changes nothing of the page's own, and leaves nothing behind. */
const UNSEEN = { visibility: "hidden", opacity: 0, clipPath: "inset(50%)" };

/** What is hidden until the label stands in it. @type {WeakMap<Element, Animation | undefined>} */
const unseen = new WeakMap();

/** What was asked about each label: its text, and the token with it. @type {WeakMap<any, { text: string, token: string }>} */
const asked = new WeakMap();
/** @type {{ label: any, text: string, token: string, hash: string }[]} */
let waiting = [];

/** As the server folds it. @param {Element} el */
const textOf = (el) => fold(el.textContent ?? "");

/** @type {(label: any) => { text: string, token: string }} */
const now = (label) => ({ text: textOf(label.el), token: label.facts()[2] });

/** @type {(label: any, text: string, token: string) => boolean} */
const same = (label, text, token) => {
  const known = asked.get(label);
  return known?.text === text && known.token === token;
};

/** What the label does not stand in yet is hidden until it does. @param {Element} node */
const early = (node) => {
  if (matches.call(node, MARKED) && !Reflect.get(Element.prototype, "shadowRoot", node)?.querySelector("#words.badge") && !unseen.has(node)) unseen.set(node, node.animate(UNSEEN, { fill: "forwards" }));
};

/** At once: not a moment of it is seen. @param {any} label */
const close = (label) => {
  const { el, root } = label, slot = root.querySelector("slot");
  if (slot) slot.name = Math.random(); // no attribute of the text can ask for it
  if (root.host !== el) hide(label);
  unseen.get(el)?.cancel();
  unseen.set(el, undefined); // wherever the page moves it
};

/** @param {any} label */
const open = (label) => {
  const { el, root } = label, slot = root.querySelector("slot");
  label.gone = "";
  if (root.host !== el) show(label);
  slot?.removeAttribute("name");
  slot?.replaceChildren();
  label.wait();
};

/** @type {(origin: Origin) => Promise<void>} */
const ask = async (origin) => {
  const batch = waiting.splice(0, AT_ONCE);
  if (waiting[0]) ask(origin);
  try {
    const body = JSON.stringify({ site: origin.site, texts: batch.map(({ hash, token }) => ({ text_sha256: hash, content: token })) });
    const answer = await fetch(`${origin.host}api/v1/approvals`, { method: "POST", body, credentials: "omit" });
    if (!answer.ok && answer.status < 429) return;
    const { approved } = await answer.json();
    for (const { label, text, token, hash } of batch) {
      const is = now(label);
      if (approved.some((/** @type {any} */ one) => one.text_sha256 === hash && one.content === token) && same(label, text, token) && is.text === text && is.token === token) open(label);
    }
  } catch {
    setTimeout(() => {
      waiting.push(...batch);
      ask(origin);
    }, AGAIN);
  }
};

/** What stands in its place; not if it was uncovered meanwhile. @type {(label: any, origin: Origin, part: Part) => Promise<void>} */
const say = async (label, origin, part) => {
  const slot = label.root.querySelector("slot");
  if (!slot) return;
  await (await part("details", label.root)).notice(label, origin, "held", HELD);
  if (!label.gone) slot.replaceChildren();
};

/** @type {(label: any, origin: Origin, part: Part) => Promise<void>} */
export const cover = async (label, origin, part) => {
  const { text, token } = now(label), first = !asked.has(label);
  if (same(label, text, token)) return say(label, origin, part);
  asked.set(label, { text, token });
  label.gone = "cover";
  close(label);
  if (first) {
    label.recover = () => {
      asked.set(label, { text: "", token: "" });
      return "cover";
    };
    new MutationObserver(() => {
      const is = now(label);
      if (!same(label, is.text, is.token)) close(label), cover(label, origin, part);
    }).observe(label.el, { subtree: true, childList: true, characterData: true, attributeFilter: ["content", "data-content"] });
  }
  say(label, origin, part).catch(() => {});
  if (!text || !token || token.length > 8000) return;
  const hash = await identify(text, async (bytes) => (await part("sha256", label.root)).default(bytes));
  if (waiting.push({ label, text, token, hash }) < 2) setTimeout(() => ask(origin));
};

Document.prototype.querySelectorAll.call(document, MARKED).forEach(early);
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) {
    if (node instanceof Element) early(node), querySelectorAll.call(node, MARKED).forEach(early);
  }
}).observe(document, { subtree: true, childList: true });
