// @ts-check
// Keeps a report in the browser until the server has it, and sends it once: one tab at a time, and its id is one.

const OUTBOX = "machine-generated:outbox:";
const RECEIPT = "machine-generated:receipt:";
export const DRAFT = "machine-generated:draft:";
const MONTH = 2592e6;
const MOST = 6e5; // that a report waits to be tried again

/** @type {Map<string, Show>} dialogs that wait for what becomes of a report */
const waiting = new Map();

/** What was typed and not sent stays in its tab. @type {(key: string) => Storage} */
const store = (key) => key.startsWith(DRAFT) ? sessionStorage : localStorage;

/** Each thing has a key of its own: tabs that write at the same moment lose nothing. @type {(key: string) => any} */
export const read = (key) => { try { return JSON.parse(store(key)[key]); } catch {} };

/** @type {(key: string, thing?: object | "" | false) => boolean} whether that went; no thing is none any more */
export const write = (key, thing) => {
  try {
    if (thing) store(key)[key] = JSON.stringify(thing);
    else delete store(key)[key];
    return true;
  } catch { return false; }
};

/** @type {(kind: string) => string[]} */
const keys = (kind) => { try { return Object.keys(localStorage).filter((key) => key.startsWith(kind)); } catch { return []; } };

/** @type {() => Kept[]} */
const kept = () => keys(OUTBOX).map(read).filter((item) => item?.report);

/** One tab at a time has this report in its hands. @type {<T>(id: string, work: () => Promise<T>) => Promise<T>} */
const alone = async (id, work) => {
  try { await navigator.locks.query(); } catch { return work(); } // no locks on plain http or in a sandbox
  return navigator.locks.request(OUTBOX + id, work);
};

/** Where there are no locks, no other tab sends it meanwhile. @type {(item: Kept) => void} */
const hold = (item) => {
  item.after = Date.now() + 35e3;
  write(OUTBOX + item.report.id, item);
};

/** @type {(item: Kept, solved?: object) => Promise<Outcome>} */
const deliver = async (item, solved) => {
  const { url, report, unsure } = item;
  let asked = 0;
  // Whatever becomes of the answer, the report may have arrived: nobody can promise to take that back.
  item.unsure ||= navigator.onLine;
  hold(item);
  try {
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(report), credentials: "omit", signal: AbortSignal.timeout(3e4) });
    const { status } = answer, said = status < 500 ? await answer.json() : {};
    // The server names what it refuses, and says why in a sentence. Whoever stands before it does not know the report.
    const refused = said.detail && said.errors;
    if (refused || [408, 429].includes(status)) {
      item.unsure = unsure;
      if (await (await import("./parts.js")).mend(report, said, solved, waiting.get(report.id)?.())) return deliver(item, said.challenge);
    }
    if (refused || said.status_url) { // else somebody else answered
      write(OUTBOX + report.id);
      return said;
    }
    asked = 1e3 * Number(answer.headers.get("Retry-After")) || 0;
  } catch {}
  item.after = Date.now() + Math.min(Math.max(asked, 5e3 * 2 ** item.tries++), MOST);
  return { kept: write(OUTBOX + report.id, item) };
};

/** Into the outbox at once: whoever leaves now has sent it. Then to the server, out of the outbox. @type {(item: Kept, show: Show) => void} */
export const hand = (item, show) => {
  // The 21st is not sent before the others are: whatever is on its way is in the outbox.
  if (!keys(OUTBOX + item.report.id)[0] && keys(OUTBOX)[19]) return void show({});
  waiting.set(item.report.id, show);
  alone(item.report.id, async () => {
    tell(item, await deliver(item));
    again();
  });
  hold(item);
};

/** How long it waits still; not until a clock that was wrong is as late again. @type {(after: number) => number} */
const ahead = (after) => (after -= Date.now()) > MOST ? 0 : after;

/** Sends what is in the outbox and due, or all of it. */
export const flush = async (all = false) => {
  for (const { report: { id }, after } of kept()) await alone(id, async () => {
    await new Promise((done) => setTimeout(done, 99)); // what another tab wrote comes after its lock is free
    const item = read(OUTBOX + id);
    if (item?.after !== after || !all && ahead(after) > 0) return; // sent, tried or taken back meanwhile
    const outcome = await deliver(item);
    if (!outcome.kept) tell(item, outcome);
  });
  again();
};

/** Who sent it hears of it: in the dialog, else the next time that one is opened on this text. @type {(item: Kept, outcome: Outcome) => void} */
const tell = ({ report: { id, category, comment, quote }, mark }, outcome) => {
  const { receipt, kept } = outcome, show = waiting.get(id);
  kept || waiting.delete(id);
  if (show?.(outcome) || kept) return;
  write(RECEIPT + id, { ...outcome, ...receipt ? {} : { category, comment, quote }, id, mark, at: Date.now() });
  if (show || !receipt) return;
  if (id.startsWith(read(DRAFT + mark)?.id)) write(DRAFT + mark);
  [...document.querySelectorAll("machine-generated,[data-machine-generated]")].find((el) => markOf(el.textContent) === mark)?.dispatchEvent(new CustomEvent("machine-generated:reported", { bubbles: true, composed: true, detail: { receipt } }));
};

/** What became of a report on this text that was sent later: once. @type {(mark: number) => Outcome | undefined} */
export const arrived = (mark) => {
  for (const key of keys(RECEIPT)) {
    const found = read(key);
    const here = found?.mark === mark;
    if (here || !(found?.at > Date.now() - MONTH)) write(key);
    if (here) return found;
  }
};

/** Out of the outbox, if it cannot have arrived, or off the server. Whether that went. @type {(item: Kept) => Promise<boolean>} */
export const takeBack = (item) => alone(item.report.id, async () => {
  const { url, report: { id } } = item;
  const kept = read(OUTBOX + id);
  if (kept) return !kept.unsure && write(OUTBOX + id);
  waiting.delete(id);
  const receipt = item.receipt ?? read(RECEIPT + id)?.receipt;
  if (!receipt) return false; // another tab has sent it
  try {
    const { status } = await fetch(`${url}/${receipt}`, { method: "DELETE", credentials: "omit", signal: AbortSignal.timeout(3e4) });
    write(RECEIPT + id);
    return status === 204;
  } catch { return false; }
});

/** A number that tells texts apart, those too that differ by two signs only. @type {(text: string) => number} */
export const markOf = (text) => {
  let high = 1, low = 2;
  for (const sign of text) {
    high = Math.imul(high ^ /** @type {number} */ (sign.codePointAt(0)), 99991);
    low = Math.imul(low ^ (high ^= high >>> 15), 99991);
  }
  return (high >>> 0) * 2e6 + (low >>> 11);
};

let timer = 0;
const again = () => {
  clearTimeout(timer);
  const next = Math.min(...kept().map(({ after }) => ahead(after)));
  if (next < Infinity) timer = setTimeout(flush, Math.max(next, 1e3));
};
addEventListener("online", () => flush(true));
addEventListener("storage", ({ key }) => { // another tab has sent what waits here
  const found = key?.startsWith(RECEIPT) && read(key);
  if (found && waiting.get(found.id)?.(found)) write(String(key));
});
