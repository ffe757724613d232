// @ts-check
// The desk by keyboard. A key stands beside what it does (data-key); whoever does not want single keys turns them off.

const OFF = "desk:keys-off";
const page = document.documentElement;
const toggle = /** @type {HTMLButtonElement | null} */ (document.getElementById("keys"));
const commands = /** @type {HTMLButtonElement | null} */ (document.getElementById("palette"));
const rows = [...document.querySelectorAll("[data-row] h2 a")].map((link) => /** @type {HTMLElement} */ (link));

/** @param {boolean} on */
function set(on) {
  page.classList.toggle("keys", on);
  toggle?.setAttribute("aria-pressed", String(on));
}

/** Whether the keys belong to what is typed into. @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
}

/** @param {number} step */
function move(step) {
  const here = rows.findIndex((link) => link.closest("[data-row]")?.contains(document.activeElement));
  rows[here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + step, 0), rows.length - 1)]?.focus();
}

/** What was typed since the list of commands was asked for, until it stands. @type {string[] | null} */
let ahead = null;

/** Loaded when it is asked for: keys work as soon as the page stands. What is typed meanwhile is meant for the list. */
async function openPalette() {
  if (ahead) return;
  const keys = (ahead = []);
  try {
    (await import("./palette.js")).openPalette(keys);
  } finally {
    ahead = null;
  }
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (ahead) {
    ahead.push(event.key);
    return event.preventDefault();
  }
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const send = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-send]"));
    if (send) event.preventDefault();
    return send?.click();
  }
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && commands) {
    event.preventDefault();
    return void openPalette();
  }
  if (event.key === "Escape" && isTyping(event.target)) return /** @type {HTMLElement} */ (event.target).blur();
  if (!page.classList.contains("keys") || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "j") return move(1);
  if (event.key === "k") return move(-1);
  if (event.key === "?" && commands) return void openPalette();
  const named = /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
  if (!named) return;
  event.preventDefault();
  named.focus();
  if (!isTyping(named)) named.click();
}

set(!localStorage.getItem(OFF));
document.addEventListener("keydown", press);
if (toggle) {
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const off = page.classList.contains("keys");
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
    set(!off);
  });
}
if (commands) {
  commands.hidden = false;
  commands.addEventListener("click", openPalette);
}
