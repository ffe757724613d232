// @ts-check
// Solves what a flooded server asks of a report: ALTCHA's challenge, version 2, by SHA-256. Loaded only then.
import { mix, START } from "./sha256.js";

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
export const solve = async (challenge) => {
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
