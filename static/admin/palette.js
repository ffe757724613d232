// @ts-check
// Every command of a page and every room of the desk in one list, found by typing; also the list of keys.

/** @typedef {{ name: string, key: string, run: () => void }} Command */

/** @param {Element} element */
function nameOf(element) {
  const label = element.id ? document.querySelector(`label[for="${CSS.escape(element.id)}"]`) : null;
  const copy = /** @type {Element} */ ((label ?? element.closest("label") ?? element).cloneNode(true));
  copy.querySelectorAll("kbd, small, select").forEach((part) => part.remove());
  return (element.getAttribute("aria-label") ?? copy.textContent ?? "").replace(/\s+/g, " ").trim();
}

/** @returns {Command[]} */
function commands() {
  const keyed = [...document.querySelectorAll("[data-key]")].map((element) => /** @type {HTMLElement} */ (element));
  const send = /** @type {HTMLElement | null} */ (document.querySelector("[data-send]"));
  const rooms = [...document.querySelectorAll(".rooms a, .tabs a, .saved a")].map((link) => /** @type {HTMLAnchorElement} */ (link));
  return [
    ...(send ? [{ name: nameOf(send), key: "Ctrl Enter", run: () => send.click() }] : []),
    ...keyed.map((element) => ({ name: nameOf(element), key: element.dataset.key ?? "", run: () => (element.focus(), element.matches("textarea, select, input:not([type=radio])") || element.click()) })),
    ...(document.querySelector("[data-row]") ? [{ name: "Next case in the list", key: "j", run: () => {} }, { name: "Case before in the list", key: "k", run: () => {} }] : []),
    ...rooms.map((link) => ({ name: `Go to ${nameOf(link)}`, key: "", run: () => link.click() })),
  ];
}

/** What fits the words typed, in their order; a number is a case. @param {Command[]} all @param {string} typed @returns {Command[]} */
function fitting(all, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  const number = typed.match(/^\s*(?:case\b)?\s*#?\s*(\d{1,9})\s*$/i)?.[1];
  return number ? [{ name: `Open case ${number}`, key: "", run: () => location.assign(`/admin/reports/${number}`) }, ...found] : found;
}

/** The words that these keys write. @param {string[]} keys */
function written(keys) {
  return keys.reduce((words, key) => (key === "Backspace" ? words.slice(0, -1) : key.length === 1 ? words + key : words), "");
}

/** Opens the list; Escape gives the focus back to where it was. @param {string[]} ahead keys pressed while this was loading */
export function openPalette(ahead) {
  if (ahead.includes("Escape") || document.querySelector("dialog.palette")) return;
  const all = commands(), before = /** @type {HTMLElement | null} */ (document.activeElement);
  const dialog = document.createElement("dialog"), field = document.createElement("input"), list = document.createElement("ul");
  dialog.className = "palette";
  dialog.setAttribute("aria-label", "Commands");
  Object.assign(field, { type: "search", placeholder: "What do you want to do? Or the number of a case", autocomplete: "off" });
  Object.assign(list, { role: "listbox", id: "palette-list" });
  for (const [name, value] of Object.entries({ role: "combobox", "aria-label": "Command", "aria-expanded": "true", "aria-controls": "palette-list" })) field.setAttribute(name, value);
  /** @type {Command[]} */
  let shown = [];
  let chosen = 0;

  const mark = () => {
    [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
    field.setAttribute("aria-activedescendant", shown.length ? `command-${chosen}` : "");
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  };
  /** @param {Command} command */
  const run = (command) => {
    dialog.close();
    command.run();
  };
  const fill = () => {
    shown = fitting(all, field.value);
    chosen = 0;
    list.replaceChildren(...shown.map((command, at) => {
      const row = document.createElement("li"), key = document.createElement("kbd");
      Object.assign(row, { role: "option", id: `command-${at}`, textContent: command.name });
      key.textContent = command.key;
      if (command.key) row.append(key);
      row.addEventListener("click", () => run(command));
      return row;
    }));
    if (!shown.length) list.append(Object.assign(document.createElement("li"), { textContent: "Nothing fits these words.", className: "soft" }));
    mark();
  };

  field.addEventListener("input", fill);
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) {
      event.preventDefault();
      chosen = (chosen + step + shown.length) % shown.length;
      mark();
    } else if (event.key === "Enter" && shown[chosen]) {
      event.preventDefault();
      run(shown[chosen]);
    }
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (document.activeElement === document.body) before?.focus();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.append(field, list);
  document.body.append(dialog);
  field.value = written(ahead);
  fill();
  dialog.showModal();
  if (ahead.includes("Enter") && shown[0]) run(shown[0]);
}
