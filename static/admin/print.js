// @ts-check
// Print buttons: hidden until this runs. The browser's own menu prints as well.

for (const found of document.querySelectorAll("button[data-print]")) {
  const button = /** @type {HTMLButtonElement} */ (found);
  button.hidden = false;
  button.addEventListener("click", () => print());
}
