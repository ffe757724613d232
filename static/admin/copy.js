// @ts-check
// Copy buttons: hidden until this runs. What they copy can be selected by hand, too.

const said = document.createElement("p");
said.className = "unseen";
said.role = "status";
document.body.append(said);

/** @type {NodeListOf<HTMLButtonElement>} */
const buttons = document.querySelectorAll("button[data-copy]");
for (const button of buttons) {
  const words = button.textContent;
  const { copy = "", done = "" } = button.dataset;
  button.hidden = !navigator.clipboard; // missing on plain-http pages
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(copy)?.textContent ?? "");
    button.textContent = said.textContent = done;
    setTimeout(() => {
      button.textContent = words;
      said.textContent = "";
    }, 2000);
  });
}
