// The scenes as HTML: what a server answers whose pages no framework renders, and what it answers to their buttons.

import { SCENES, lengthened, more, numbers, shortened, shuffled, text } from "./scenes.js";

const marked = 'data-machine-generated data-model="jamba-large" data-provider="AI21"';

export const article = (number, edition) => `<article id="a${number}" ${marked}>${text(number, edition)}</article>`;
export const feed = (from, to) => numbers(to).slice(from).map((number) => article(number)).join("");
export const list = (all, edition) =>
  all.map((number) => article(number, edition)).join("") +
  `<ul>${all.map((number) => `<li id="l${number}" data-machine-generated>${text(number, edition)}</li>`).join("")}</ul>` +
  all.map((number) => `<machine-generated id="m${number}" model="jamba-large">${text(number, edition)}</machine-generated>`).join("");

/** What the list is after each button, pressed in this order. */
const steps = () => {
  const all = shuffled(numbers());
  return { Shuffle: [all], Remove: [shortened(all)], Add: [lengthened(shortened(all))], Edit: [lengthened(shortened(all)), 2] };
};

/**
 * The pages of one host, and the fragments that its buttons ask for.
 * @param {object} host what it does in HTML: `link(name)`, `button(name)`, `rest(shown)` asks for more of the feed, `posts(shown, html)` answers that,
 *   `list(html)` answers a button
 */
export const pages = ({ link = () => "", button = (name) => `<button>${name}</button>`, rest = () => '<p id="more">…</p>', posts = (_, html) => html, list: answer = (html) => html }) => {
  const bodies = {
    list: `${Object.keys(steps()).map(button).join("")}<div id="list">${list(numbers())}</div>`,
    stream: '<button id="stream">Stream</button><machine-generated id="answer" layout="chat"></machine-generated><ul><li id="item" data-machine-generated></li></ul>',
    feed: `<div id="feed">${feed(0, 100)}</div>${rest(100)}`,
    route: article(1),
    other: article(2),
  };
  const nav = `<nav>${SCENES.map((name) => `<a href="${name}" ${link(name)}>${name}</a> `).join("")}</nav>`;
  const found = {};
  for (const name of SCENES) found[name] = `${nav}<div id="scene">${bodies[name]}</div>`;
  for (const [name, now] of Object.entries(steps())) found[`list-${name}`] = answer(list(...now));
  for (let shown = 100, next; (next = more(shown)) > shown; shown = next)
    found[`feed-${shown}`] = posts(shown, feed(shown, next) + (more(next) > next ? rest(next) : ""));
  return found;
};
