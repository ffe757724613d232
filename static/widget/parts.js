// @ts-check
// What is loaded later, each part checked against the digest that the build fills in, where the browser can.
const SUMS = /** @type {any} */ ({});

/** @param {string} name @param {HTMLElement | ShadowRoot} [at] where the check is hung for a moment @returns {Promise<any>} */
const part = async (name, at = document.head) => {
  const href = import.meta.resolve("./" + name + ".js"), link = document.createElement("link");
  if (link.relList.supports(link.rel = "modulepreload")) await new Promise((onload, onerror) => at.prepend(Object.assign(link, { integrity: SUMS[name], href, onload, onerror }))).finally(() => link.remove());
  return import(href);
};

/** The report dialog. @type {(label: Reportable, origin: Origin) => Promise<void>} */
export const report = async (label, origin) => (await part("report", label.root)).open(label, origin);

/** What the badge tells when it is pressed. @type {(label: Reportable, origin: Origin) => Promise<void>} */
export const badge = async (label, origin) => (await part("details", label.root)).toggle(label, origin, part);

/** The notice in place of a text that was withdrawn. @type {(label: Reportable, origin: Origin) => Promise<void>} */
export const withdraw = async (label, origin) => (await part("details", label.root)).withdraw(label, origin, part);

/** The cover over a text for many people, until it is known to be approved. @type {(label: Reportable, origin: Origin) => Promise<void>} */
export const cover = async (label, origin) => (await part("gate", label.root)).cover(label, origin, part);

/** Why the badge cannot be seen, or nothing. @type {(label: Reportable) => Promise<string>} */
export const hiddenBy = async (label) => (await part("sight", label.root)).hiddenBy(label);

/** What a page wants from the start: notices on copied passages, and the outbox sent. @type {(notice: string | undefined, marked: string, key: symbol) => Promise<void>} */
export const start = async (notice, marked, key) => {
  if (notice != null) (await part("copy")).start(marked, key);
  if (/-generated:outbox/.test(Object.keys(localStorage).join())) (await part("report")).flush();
};

/** Makes of a report that was refused one that may be taken. @type {Mend} */
export const mend = async (...refused) => (await part("work")).mend(...refused);

/** What there is to say of a long text, or of a passage of it. @type {(text: string, ...passage: Parameters<Quote>) => Promise<More>} */
export const more = async (...about) => (await part("work")).more(...about);

/** For pages without TLS, where the browser has none. @type {(algorithm: string, bytes: Uint8Array) => Promise<ArrayBuffer>} */
export const digest = async (_algorithm, bytes) => (await part("sha256")).default(bytes);
