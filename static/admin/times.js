// @ts-check
// Tells every moment in the reader's own time zone and language; the server writes it in UTC.

const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time")) {
  time.title = time.textContent ?? "";
  time.textContent = format.format(new Date(time.dateTime));
}
