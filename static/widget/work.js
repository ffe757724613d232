// @ts-check
// What some reports cost the sender's browser: a long text is cut, a selected passage found in it, and what a server refuses
// is mended: by solving its challenge (ALTCHA's, version 2, by SHA-256), or by leaving out a field. Loaded only then.
import { fold } from "./fold.js";
import { identify } from "./identity.js";
import digest, { mix, START } from "./sha256.js";
import { clean } from "./valid.js";

const NEEDED = ["site", "id", "category", "text", "page"];
const TYPED = ["comment", "email", "good_faith"]; // a reader who is there mends that
const TURN = 12; // milliseconds until the page has its own

/** @param {string} digits */
const words = (digits) => digits.match(/.{8}/g)?.map((word) => parseInt(word, 16)) ?? [];

/** @param {Int32Array} state */
const hex = (state) => Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");

/** A block for so many words, which are still to be set. @param {number} length */
const blockOf = (length) => {
  const block = new Int32Array(64);
  block[length] = 1 << 31;
  block[15] = 32 * length;
  return block;
};

/** A task, and not a timer: those are slow in a tab that nobody sees. */
const pause = () => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); done(0); };
  port2.postMessage(0);
});

/** The solution as the server wants it. @param {any} challenge */
const solve = async (challenge) => {
  const { algorithm, nonce, salt, cost, keyPrefix } = challenge.parameters;
  if (algorithm !== "SHA-256") throw challenge;
  const state = new Int32Array(8), head = words(salt + nonce), wanted = words(keyPrefix)[0] | 0;
  const first = blockOf(head.length + 1), other = blockOf(8);
  first.set(head);
  for (let counter = 0, began = performance.now(); ; counter++) {
    first[head.length] = counter;
    state.set(START);
    mix(state, first);
    for (let round = 1; round < cost; round++) {
      other.set(state);
      state.set(START);
      mix(state, other);
    }
    if (state[0] === wanted && hex(state).startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey: hex(state) } }));
    if (performance.now() - began < TURN) continue;
    await pause();
    began = performance.now();
  }
};

/** @type {Mend} */
export const mend = async (report, { challenge, errors }, solved, there) => {
  if (challenge && !solved) return report.work = await solve(challenge); // the server is flooded
  const kept = there ? [...NEEDED, ...TYPED] : NEEDED, refused = Object.keys({ ...errors }).map((path) => path.split(".")[0]);
  return Object.keys(report).filter((field) => refused.includes(field) && !kept.includes(field) && delete report[field])[0];
};

/** 64 KiB are the most that the server takes, with the work that it may ask for. @type {(report: object) => number} */
const over = (report) => new Blob([JSON.stringify(report)]).size - 64e3;

/** What makes a report on this text fit: its beginning goes, with the fingerprint of the whole, as views have it. @type {(text: string) => Promise<(report: any) => void>} */
const fit = async (text) => {
  const text_sha256 = await identify(fold(text), digest);
  return (report) => {
    if (report.text.length < text.length || over(report) > 0) report.text_sha256 = text_sha256;
    for (let bytes; report.text && (bytes = over(report)) > 0;)
      report.text = [...report.text].slice(0, ~(bytes / 6)).join(""); // a character has 6 bytes at most
  };
};

/** The selected passage of this element, with a little of what stands around it. @type {Quote} */
const quoted = (el, range, limits) => {
  if (!range || !range.intersectsNode(el)) return;
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

/** What there is to say of a long text, or of a passage. @type {(text: string, ...passage: Parameters<Quote>) => Promise<More>} */
export const more = async (text, ...passage) => ({ quote: quoted(...passage), fit: await fit(text) });
