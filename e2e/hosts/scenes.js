// What every host shows, and in which words, so that one test can look at all of them.

export const SCENES = ["list", "stream", "feed", "route", "other"];
export const TOKENS = 2000;
const FIRST = 12, FEED = 1000, STEP = 100;

export const numbers = (length = FIRST) => Array.from({ length }, (_, at) => at + 1);
export const text = (number, edition = 1) => `Text ${number}, edition ${edition}. A machine wrote it, and then a second sentence.`;
export const token = (number) => `w${number} `;
export const more = (shown) => Math.min(shown + STEP, FEED);
export const scene = () => location.pathname.split("/").at(-1);

// What the buttons do to the list.
export const shuffled = (list) => [...list.filter((number) => number % 2), ...list.filter((number) => number % 2 === 0)].reverse();
export const shortened = (list) => list.slice(1);
export const lengthened = (list) => [Math.max(...list) + 1, ...list];

/** Every token is a step of its own for the host, as when an answer comes over the network. */
export const stream = async (say) => {
  const { port1, port2 } = new MessageChannel();
  for (let number = 0; number < TOKENS; number++) {
    say(token(number));
    await new Promise((done) => { port1.onmessage = done, port2.postMessage(""); });
  }
  port1.close();
};

/** Calls back whenever the end of the feed comes into view; gives the way to stop it. */
export const atTheEnd = (el, load) => {
  const eye = new IntersectionObserver((entries) => {
    if (!entries.at(-1).isIntersecting) return;
    load();
    eye.unobserve(el), eye.observe(el); // it may still be in view
  });
  eye.observe(el);
  return () => eye.disconnect();
};
