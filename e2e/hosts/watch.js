// Looks at a page while it moves, from before its first script: `watch.found()` tells which promises were broken, and when.
window.watch = (() => {
  const MARKED = "machine-generated,[data-machine-generated]:not([data-machine-generated=false])";
  const wrong = new Set();
  const badges = (el) => [el, ...el.querySelectorAll(":scope>.machine-label")].flatMap((place) => [...place.shadowRoot?.querySelectorAll("[part~=badge]") ?? []]);

  // An element of the server's HTML whose label would stand in the page's own DOM gets it when the page has come to rest.
  const REST = 1500;
  let begun = Infinity, loaded = Infinity;
  const early = new Set();
  customElements.whenDefined("machine-generated").then(() => {
    requestAnimationFrame(() => requestAnimationFrame(() => { begun = performance.now(); }));
    document.querySelectorAll("li").forEach((el) => early.add(el));
  });
  addEventListener("load", () => { loaded = performance.now(); });

  /** Each marked element has one label that takes up room, and no label is left without its text. */
  const look = (when) => {
    if (begun === Infinity) return;
    for (const el of document.querySelectorAll(MARKED)) {
      const found = badges(el);
      if (early.has(el) && !found.length && performance.now() < loaded + REST) continue;
      if (found.length !== 1) wrong.add(`${el.id || el.localName} has ${found.length} labels ${when}`);
      else if (found[0].closest("[part~=label]").getBoundingClientRect().height < 20) wrong.add(`the label of ${el.id || el.localName} takes up no room ${when}`);
    }
    for (const label of document.querySelectorAll(".machine-label"))
      if (!label.parentNode.matches(MARKED)) wrong.add(`a label is left in ${label.parentNode.localName} ${when}`);
  };

  // What the widget adds to the document itself is `.machine-label`; all else that changes there is the host's doing.
  const ours = (node) => node.className === "machine-label";
  let asked = 0, changed = 0;
  new MutationObserver((changes) => {
    const theirs = changes.filter(({ type, addedNodes, removedNodes }) => type === "characterData" || [...addedNodes, ...removedNodes].some((node) => !ours(node)));
    if (theirs.length) changed = performance.now();
    if (theirs.length) asked ||= requestAnimationFrame(() => { asked = 0, changed = performance.now(), look("in the frame after a change"); });
  }).observe(document, { childList: true, characterData: true, subtree: true });

  for (const name of ["error", "warn"]) {
    const say = console[name];
    console[name] = (...words) => { wrong.add(`console.${name}: ${words.join(" ").slice(0, 500)}`), say.apply(console, words); };
  }
  for (const name of ["error", "unhandledrejection"]) addEventListener(name, (event) => wrong.add(`${name}: ${event.message ?? event.reason}`));
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (!blockedURI.endsWith("/favicon.ico")) wrong.add(`${effectiveDirective} blocks ${blockedURI}`); // WebKit asks for one by itself
  });

  const observe = (type, hear) => {
    if (PerformanceObserver.supportedEntryTypes.includes(type)) new PerformanceObserver((list) => list.getEntries().forEach(hear)).observe({ type, buffered: true });
  };
  // Until the widget has come, and when the host changes its own page, the page moves without us.
  observe("layout-shift", ({ hadRecentInput, startTime, sources }) => {
    if (hadRecentInput || startTime < begun + 100 || startTime < changed + 100) return;
    const moved = sources.filter(({ node, currentRect }) => node?.isConnected && currentRect.height);
    if (moved.length) wrong.add(`the layout shifted: ${moved.map(({ node, previousRect, currentRect }) => `${node.id || node.nodeName} from ${previousRect.top} to ${currentRect.top}`).join(", ")}`);
  });

  const rest = async () => {
    while (!(performance.now() > loaded + REST)) await new Promise(requestAnimationFrame);
  };
  return { found: async () => (await rest(), look("at the end"), [...wrong]), ids: () => [...document.querySelectorAll(MARKED)].map((el) => el.id) };
})();
