import * as Turbo from "@hotwired/turbo";
import { stream } from "./scenes.js";

try { trustedTypes.createPolicy("default", { createHTML: (html) => html }); } catch {}
Turbo.config.drive.progressBarDelay = 60_000; // its style is inline

document.addEventListener("click", ({ target }) => {
  if (target.id === "stream") stream((token) => {
    for (const place of ["answer", "item"]) Turbo.renderStreamMessage(`<turbo-stream action="append" target="${place}"><template>${token}</template></turbo-stream>`);
  });
});
