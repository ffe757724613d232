// @ts-check
// Keeps a report in the browser until the server has it, and sends it once: tabs take turns, and its id is one.

const OUTBOX = "machine-generated:outbox";

/** @type {Map<string, (outcome: Outcome) => void>} dialogs that wait for a kept report */
const waiting = new Map();

/** @type {() => Kept[]} */
const kept = () => { try { return JSON.parse(localStorage.getItem(OUTBOX) ?? "[]"); } catch { return []; } };

/** @type {(id: string, item?: Kept) => boolean} the item is in the outbox now */
const keep = (id, item) => {
  const items = kept().filter(({ report }) => report.id !== id).concat(item ?? []).slice(-20);
  while (JSON.stringify(items).length > 1e6) items.shift();
  try {
    items.length ? localStorage.setItem(OUTBOX, JSON.stringify(items)) : localStorage.removeItem(OUTBOX);
    return true;
  } catch { return false; }
};

/** One tab at a time. @type {<T>(work: () => Promise<T>) => Promise<T>} */
const alone = async (work) => {
  try { await navigator.locks.query(); } catch { return work(); } // no locks on plain http or in a sandbox
  return navigator.locks.request(OUTBOX, work);
};

/** @type {(item: Kept) => Promise<Outcome>} */
const deliver = async (item) => {
  const { url, report } = item;
  let asked = 0;
  try {
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(report), credentials: "omit", signal: AbortSignal.timeout(3e4) });
    if (answer.ok) return await answer.json();
    if (answer.status < 500 && answer.status !== 429) {
      const problem = await answer.json();
      if (!problem.errors?.content || !report.content) return { problem };
      delete report.content;
      return deliver(item);
    }
    asked = 1e3 * (Number(answer.headers.get("Retry-After")) || 0);
  } catch {}
  item.after = Date.now() + Math.max(asked, Math.min(5e3 * 2 ** item.tries++, 6e5));
  return { later: true };
};

/** Into the outbox, to the server, out of the outbox. @type {(item: Kept, whenSent: (outcome: Outcome) => void) => Promise<Outcome>} */
export const hand = async (item, whenSent) => {
  const { id } = item.report;
  item.after = Date.now() + 35e3; // meanwhile no other tab sends it
  keep(id, item);
  const outcome = await deliver(item);
  if (!outcome.later || !keep(id, item)) {
    keep(id);
    return outcome;
  }
  waiting.set(id, whenSent);
  again();
  return { kept: true };
};

/** Sends what is in the outbox and due. */
export const flush = async () => {
  await alone(async () => {
    for (const item of kept()) {
      if (item.after > Date.now()) continue;
      const { id } = item.report, outcome = await deliver(item);
      keep(id, outcome.later ? item : undefined);
      if (outcome.receipt) waiting.get(id)?.(outcome);
    }
  });
  again();
};

let timer = 0;
const again = () => {
  clearTimeout(timer);
  const next = Math.min(...kept().map(({ after }) => after));
  if (next < Infinity) timer = setTimeout(flush, Math.max(next - Date.now(), 1e3));
};
addEventListener("online", () => {
  for (const item of kept()) keep(item.report.id, { ...item, after: 0 });
  flush();
});
