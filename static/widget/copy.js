// @ts-check
// A copied passage says that a machine wrote it. Loaded where the tag has data-copy-notice.

// What gives words their look, or their place in a list or table, is copied with them.
const AROUND = "a,b,code,em,i,mark,ol,pre,s,strong,table,tbody,tr,u,ul";
const inert = document.implementation.createHTMLDocument(); // what is built in it loads nothing and runs nothing

/** @type {(marked: string, key: symbol) => void} */
export const start = (marked, key) => {
  /** In the language of the text. @type {(el: any) => string} */
  const notice = (el) => {
    const [lang, , label] = /** @type {any} */ (el)[key]?.say(el[key].facts()[5]) ?? ["en", "", "Machine-generated"];
    return ` (${label[0].toLocaleLowerCase(lang)}${label.slice(1)})`;
  };

  /** The machine's words, and that they are. @type {(el: any, words: Node[]) => Node[]} */
  const said = (el, words) => {
    const span = inert.createElement("span");
    span.setAttribute("ai-disclosure", /** @type {any} */ (el)[key]?.facts()[3] === "human" ? "ai-assisted" : "ai-autonomous");
    span.append(...words);
    return [span, inert.createTextNode(notice(el))];
  };

  /** An element without what is in it. @type {(el: Element) => any} */
  const copyOf = (el) => {
    const copy = /** @type {any} */ (inert.importNode(el));
    for (const name of ["href", "src"]) if (copy[name]?.trim) copy.setAttribute(name, /** @type {any} */ (el)[name]); // whole addresses
    if (el.matches(marked)) for (const name of ["data-machine-generated", "ai-disclosure"]) copy.removeAttribute(name); // what is in it says so itself
    return copy;
  };

  /** Not approved, withdrawn, or hidden by the page. @type {(el: Element | null) => boolean} */
  const unseen = (el) => !!el && getComputedStyle(el).visibility !== "visible";

  /** What the range has of a node and the page shows. `found` takes the marked texts. @type {(node: any, range: Range, found: Element[]) => Node[]} */
  const copies = (node, range, found) => {
    const { localName, parentElement: parent } = node, copy = localName ? copyOf(node) : inert.importNode(node);
    if (!range.intersectsNode(node) || parent?.shadowRoot && !node.assignedSlot) return [];
    if (node instanceof Text) {
      if (unseen(parent)) return [];
      if (node === range.endContainer) copy.data = copy.data.slice(0, range.endOffset);
      if (node === range.startContainer) copy.data = copy.data.slice(range.startOffset);
      return [copy];
    }
    if (!localName || node.matches(".machine-label") || node[key]?.gone || getComputedStyle(node).display === "none") return [];
    const inside = [...node.childNodes].flatMap((child) => copies(child, range, found));
    if (!inside[0] && unseen(node)) return [];
    const ours = node.matches(marked) && !parent?.closest(marked) && inside.some((words) => words.textContent?.trim()) && found.push(node);
    if (ours && localName.includes("-")) return said(node, inside);
    copy.append(...ours ? said(node, inside) : inside);
    return [copy];
  };

  /** What the browser writes of a range, with the notices put in. @type {(selection: Selection, range: Range, found: Element[]) => string} */
  const written = (selection, range, found) => {
    const part = range.cloneRange(), read = () => {
      selection.removeAllRanges();
      selection.addRange(part);
      return String(selection).trim();
    };
    let text = read(), end = text.length;
    for (const el of found.reverse()) {
      part.setStartAfter(el); // what follows it, up to the next one's end
      end = text.slice(0, end - read().length).trimEnd().length;
      text = text.slice(0, end) + notice(el) + text.slice(end);
      part.setEndAfter(el);
    }
    return text;
  };

  /** Whether a machine's words are among what is copied now. @type {(selection: Selection, data: DataTransfer) => boolean} */
  const fill = (selection, data) => {
    const { anchorNode, anchorOffset, focusNode, focusOffset } = selection, range = selection.getRangeAt(0).cloneRange();
    const common = range.commonAncestorContainer, box = inert.createElement("div");
    /** @type {Element[]} */
    const found = [];
    let node = common instanceof Element ? common : common.parentElement, whole = node?.closest(marked);
    let nodes = (common.firstChild ? [...common.childNodes] : [common]).flatMap((inner) => copies(inner, range, found));
    for (; node !== whole && node?.matches(AROUND); node = node.parentElement) {
      const copy = copyOf(node);
      copy.append(...nodes);
      nodes = [copy];
    }
    if (whole) found.push(whole), nodes = said(whole, nodes);
    if (!found[0]) return false;
    box.append(...nodes);
    data.setData("text/html", box.innerHTML);
    data.setData("text/plain", written(selection, range, found));
    selection.setBaseAndExtent(/** @type {Node} */ (anchorNode), anchorOffset, /** @type {Node} */ (focusNode), focusOffset);
    return true;
  };

  // At the window, when the page's own listeners have had their turn.
  addEventListener("copy", (event) => {
    const { defaultPrevented, clipboardData } = event, path = /** @type {any[]} */ (event.composedPath()), root = path[0].getRootNode?.();
    if (defaultPrevented || !clipboardData || path.some(({ localName, isContentEditable }) => isContentEditable || /^(input|textarea)$/.test(localName))) return;
    try {
      const selection = (root?.getSelection ? root : document).getSelection();
      if (!selection.isCollapsed && fill(selection, clipboardData)) event.preventDefault();
    } catch {}
  });
};
