// @ts-check
// Offers the usual words for the chosen decision, as long as the moderator has not written their own.

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("decision-form"));
const message = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("message"));
const all = [...document.querySelectorAll("[data-usual]")].map((words) => /** @type {HTMLElement} */ (words));

/** @param {string} words */
const say = (words) => {
  if (message) message.value = words;
};

/** @param {EventTarget | null | undefined} chosen */
const offer = (chosen) => {
  if (!message || !(chosen instanceof HTMLInputElement) || chosen.name !== "decision") return;
  const decision = chosen.value, first = all.find((words) => words.dataset.usual === decision);
  const untouched = !message.value.trim() || all.some((words) => words.textContent === message.value);
  if (untouched) say(first?.textContent ?? "");
  message.required = Boolean(first);
};
form?.addEventListener("change", ({ target }) => offer(target));
offer(form?.querySelector("[name=decision]:checked")); // by a key, before this was here

// Others than the first are a press away.
for (const words of all) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: "Use" });
  button.setAttribute("aria-label", `Use: ${words.textContent}`);
  button.addEventListener("click", () => say(words.firstChild?.textContent ?? ""));
  words.after(button);
}
