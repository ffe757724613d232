// @ts-check
// Looks closely at a badge that is not plainly visible. Loaded where there is one.

const PAUSE = 1000;
const PAUSES = 3; // what covers a page may go away

/** A colour's red, green and blue, where the browser says them so. @param {string} colour */
const parse = (colour) => (/^rgb/.test(colour) ? colour : "").match(/[\d.]+/g)?.slice(0, 3).map(Number) ?? [];

/** How much of its ground a colour hides: 1, all of it. @param {string} colour */
const alphaOf = (colour) => parseFloat(colour.split(/\/|rgba.*,/)[1] ?? "1") || 0; // of “none”, too

/** Whether it hides what lies under it. @param {Element} over */
const paints = (over) => {
  const { backgroundColor, backgroundImage, opacity } = getComputedStyle(over);
  return +opacity > 0.3 && (alphaOf(backgroundColor) > 0.3 || backgroundImage !== "none" || /^(img|video|canvas|iframe|svg)$/.test(over.localName));
};

/** The badge's words in the colour of their ground; not where that is not known. @param {CSSStyleDeclaration} style */
const camouflaged = ({ color, backgroundColor }) => {
  const ink = parse(color), ground = parse(backgroundColor), alpha = alphaOf(color);
  return alpha < 0.3 || alphaOf(backgroundColor) >= 0.3 && ink.length > 2 && ink.every((value, at) => Math.abs(value - ground[at]) * alpha < 24);
};

/** What it stands in. A form's own fields can have the names of what is asked here. @param {any} node */
const around = (node) => (node instanceof Element ? Reflect.get(Element.prototype, "assignedSlot", node) : null) ?? Reflect.get(Node.prototype, "parentNode", node) ?? node.host;

/** Why it cannot be seen now, or nothing. @param {any} label @returns {string} */
const reason = ({ badge, root, near, met }) => {
  const { left, top, width, height } = badge.getBoundingClientRect();
  let opacity = 1, outer = root.host;
  for (let node = badge; node; node = around(node)) {
    if (node instanceof Element) opacity *= +getComputedStyle(node).opacity;
    else outer = node.host ?? outer;
  }
  if (!badge.checkVisibility({ visibilityProperty: true })) return "display";
  if (opacity < 0.3) return "opacity";
  if (width < 24 || height < 12) return "size";
  if (camouflaged(getComputedStyle(badge))) return "colour";
  if (met && !near) return ""; // it was seen before it left the view
  const found = [0.2, 0.5, 0.8].map((part) => {
    const x = left + width * part, y = top + height / 2, stack = document.elementsFromPoint(x, y), depth = stack.indexOf(outer);
    if (!stack[0]) return "off_screen";
    if (depth < 0 || !badge.contains(root.elementFromPoint(x, y)) && !depth) return "clip";
    return stack.slice(0, depth).some(paints) ? "covered" : "";
  });
  return found.sort()[1]; // two of three decide
};

/** Whether anything of the text is: not in a closed accordion, in a menu, on a slide that waits for its turn. @param {Element} el */
const isOpen = async (el) => {
  if (getComputedStyle(el).display === "contents") return true; // has no box, and may be seen all the same
  if (!el.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
  const { width, height } = await new Promise((tell) => {
    new IntersectionObserver(([entry], observer) => {
      observer.disconnect();
      tell(entry.intersectionRect);
    }).observe(el);
  });
  return width * height > 0;
};

/** Why the badge cannot be seen for some seconds, or nothing. Never answers for a text that is not seen itself: it is asked anew. @param {any} label @returns {Promise<string>} */
export const hiddenBy = async (label) => {
  if (!await isOpen(label.el)) {
    setTimeout(label.wait, PAUSE);
    return new Promise(() => {});
  }
  let why = reason(label);
  for (let pause = 0; pause < PAUSES && /^(clip|covered|display|opacity)$/.test(why); pause++) {
    await new Promise((done) => setTimeout(done, PAUSE));
    why = reason(label);
  }
  return why;
};
