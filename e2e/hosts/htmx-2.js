import htmx from "htmx-2/dist/htmx.esm.js";
import { stream } from "./scenes.js";

try { trustedTypes.createPolicy("default", { createHTML: (html) => html }); } catch {}

document.addEventListener("click", ({ target }) => {
  if (target.id === "stream") stream((token) => {
    for (const place of ["#answer", "#item"]) htmx.swap(place, token, { swapStyle: "beforeend" });
  });
});
