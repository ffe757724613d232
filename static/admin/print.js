// @ts-check
// Print buttons: hidden until this runs. The browser's own menu prints as well.

/** @type {NodeListOf<HTMLButtonElement>} */
const buttons = document.querySelectorAll("button[data-print]");
for (const button of buttons) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
