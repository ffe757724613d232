import htmx from "htmx.org/dist/htmx.esm.js";
import { stream } from "./scenes.js";

htmx.registerExtension("trusted-types", {
  init: ({ initSecurity }) => { try { initSecurity(trustedTypes.createPolicy("htmx", { createHTML: (html) => html })); } catch {} },
});

document.addEventListener("click", ({ target }) => {
  if (target.id === "stream") stream((token) => {
    for (const place of ["#answer", "#item"]) htmx.swap({ target: place, text: token, swap: "beforeend" });
  });
});
