// @ts-check
// Tells every moment in the reader's own time zone and language; the server writes it in UTC. A text that is reviewed stays as it is.

const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
/** @type {NodeListOf<HTMLTimeElement>} */
const times = document.querySelectorAll("time:not(.written time)");
for (const time of times) {
  time.title = time.textContent ?? "";
  time.textContent = format.format(new Date(time.dateTime));
}
