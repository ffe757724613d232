// @ts-check
// A text's words, whatever white space is between them: the server (rules/marking.py) and widget.js compute the same.

/** More marks in a row than any writing has. Out of order, browsers move them past one another, one by one: n² steps. */
const PILED = /\p{M}{50,}/gu;

/** Whether the second mark goes before the first. @type {(first: string, second: string) => boolean} */
const swaps = (first, second) => (first + second).normalize("NFD") !== first + second;

/** @type {(one: string, other: string) => number} */
const byClass = (one, other) => +swaps(one, other) - +swaps(other, one);

const LAST = "\u0345"; // the one mark of the highest class

/** Apart, each stretch in the order of their classes, those of one class as they stood. @type {(marks: string) => string} */
const inOrder = (marks) => {
  const apart = [...marks].flatMap((mark) => [...mark.normalize("NFD")]);
  const kinds = [...new Set(apart)].filter((mark) => mark === LAST || swaps(LAST, mark)).sort(byClass);
  const classes = new Map(), waiting = /** @type {Map<string, string[]>} */ (new Map());
  let first = kinds[0], ordered = "";
  for (const kind of kinds) {
    if (byClass(first, kind)) first = kind;
    classes.set(kind, first);
    waiting.set(first, []);
  }
  const flush = () => {
    for (const [kind, some] of waiting) ordered += some.join(""), waiting.set(kind, []);
  };
  for (const mark of apart) {
    if (classes.has(mark)) waiting.get(classes.get(mark))?.push(mark);
    else flush(), ordered += mark; // nothing moves past it
  }
  flush();
  return ordered;
};

/** @type {(text: string) => string} */
export const fold = (text) => text.replace(PILED, inOrder).normalize().replace(/\p{White_Space}+/gu, " ").replace(/^ | $/g, "");
