// @ts-check
// Offers the usual words for the chosen decision, as long as the moderator has not written their own.

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("decision-form"));
const message = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("message"));
/** @type {Map<string, string>} */
const usual = new Map();
for (const words of document.querySelectorAll("[data-usual]")) {
  usual.set(words.getAttribute("data-usual") ?? "", words.textContent ?? "");
}

form?.addEventListener("change", (event) => {
  if (!message || !(event.target instanceof HTMLInputElement) || event.target.name !== "decision") return;
  const untouched = !message.value.trim() || [...usual.values()].includes(message.value);
  if (untouched) message.value = usual.get(event.target.value) ?? "";
  message.required = usual.has(event.target.value);
});
