// @ts-check
// The desk by keyboard. A key stands beside what it does (data-key); whoever does not want single keys turns them off.
// Loaded before anything of the page is shown: no key comes too early.
(() => {
  const OFF = "desk:keys-off";
  const page = document.documentElement;

  /** @param {string} id */
  const button = (id) => /** @type {HTMLButtonElement | null} */ (document.getElementById(id));

  /** Whether the keys belong to what is typed into. @param {EventTarget | null} target */
  function isTyping(target) {
    return target instanceof HTMLElement && target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
  }

  /** @param {number} step */
  function move(step) {
    const rows = [...document.querySelectorAll("[data-row] h2 a")].map((link) => /** @type {HTMLElement} */ (link));
    const here = rows.findIndex((link) => link.closest("[data-row]")?.contains(document.activeElement));
    rows[here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + step, 0), rows.length - 1)]?.focus();
  }

  /** What was typed since the list of commands was asked for, until it stands. @type {string[] | null} */
  let ahead = null;

  /** Loaded when it is asked for: keys work as soon as the page stands. What is typed meanwhile is meant for the list. */
  async function openPalette() {
    if (ahead) return;
    /** @type {string[]} */
    const keys = (ahead = []);
    try {
      (await import("./palette.js")).openPalette(keys);
    } finally {
      ahead = null;
    }
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    // Kept until the page is read whole. DOMContentLoaded would be later: it also waits for the page's other scripts.
    if (document.readyState === "loading" && !isTyping(event.target))
      return document.addEventListener("readystatechange", () => isTyping(document.activeElement) || press(event), { once: true });
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
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && button("palette")) {
      event.preventDefault();
      return void openPalette();
    }
    if (event.key === "Escape" && isTyping(event.target)) return /** @type {HTMLElement} */ (event.target).blur();
    if (!page.classList.contains("keys") || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "j") return move(1);
    if (event.key === "k") return move(-1);
    if (event.key === "?" && button("palette")) return void openPalette();
    const named = /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
    if (!named) return;
    event.preventDefault();
    named.focus();
    if (!isTyping(named)) named.click();
  }

  page.classList.toggle("keys", !localStorage.getItem(OFF));
  document.addEventListener("keydown", press);
  document.addEventListener("DOMContentLoaded", () => {
    const toggle = button("keys"), commands = button("palette");
    const tell = () => toggle?.setAttribute("aria-pressed", String(page.classList.contains("keys")));
    if (toggle) {
      toggle.hidden = false;
      tell();
      toggle.addEventListener("click", () => {
        if (page.classList.toggle("keys")) localStorage.removeItem(OFF);
        else localStorage.setItem(OFF, "1");
        tell();
      });
    }
    if (commands) {
      commands.hidden = false;
      commands.addEventListener("click", openPalette);
    }
  });
})();
