// @ts-check
// Hides a text where it stands, in what cannot carry a shadow root or has one of its own, but for the label in it: nothing of the page's own is changed or removed.

const MARK = "data-hides-" + Math.random().toString(36).slice(2); // that no text can have on elements of its own
const outer = new CSSStyleSheet(), inner = new CSSStyleSheet();
// In a layer, what is important goes before what is so outside of any; and few pages have a class for each of the three.
outer.replaceSync(`@layer{:has(>[${MARK}]),:has(>[${MARK}]) :not([${MARK}]){visibility:hidden!important}:has(>[${MARK}])>:not([${MARK}]){opacity:0!important;clip-path:inset(50%)!important}:host>:is([${MARK}]~*,:has(~[${MARK}])){display:none!important;visibility:hidden!important}}`);
inner.replaceSync(`:host([${MARK}]){visibility:visible!important}`);

/** What is not in a document has none. @type {(place: DocumentOrShadowRoot, sheet: CSSStyleSheet) => void} */
const adopt = ({ adoptedStyleSheets: worn }, sheet) => { if (worn && !worn.includes(sheet)) worn.push(sheet); };

/** Also what the page writes into it later, until it is shown. @type {(label: any) => void} */
export const hide = ({ el, root }) => {
  for (const place of [document, ...[el, root.host].map((node) => Node.prototype.getRootNode.call(node))]) adopt(/** @type {Document} */ (place), outer);
  adopt(root, inner);
  root.host.setAttribute(MARK, "");
};

/** @type {(label: any) => void} */
export const show = ({ root }) => root.host.removeAttribute(MARK);
