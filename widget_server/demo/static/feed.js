// @ts-check
// More posts as the reader scrolls, or on the button. Without this file the button loads the page with more of them.
(() => {
  const posts = /** @type {HTMLElement} */ (document.getElementById("posts"));
  const more = /** @type {HTMLAnchorElement | null} */ (document.getElementById("more"));
  /** @param {Record<string, string>} post */
  const article = ({ lang, dir, model, provider, title, text }) => {
    const [node, heading, words] = ["article", "h2", "p"].map((name) => document.createElement(name));
    heading.textContent = title;
    words.textContent = text;
    node.append(heading, words);
    Object.assign(node, { className: "post", lang, dir });
    Object.assign(node.dataset, { machineGenerated: "", model, provider });
    return node;
  };

  let loading = false;

  const load = async () => {
    if (loading) return;
    loading = true;
    const answer = await fetch(`${posts.dataset.more}?${new URLSearchParams({ after: String(posts.childElementCount) })}`);
    const { posts: next, last } = await answer.json();
    posts.append(...next.map(article));
    if (last) more?.remove();
    loading = false;
    watch();
  };

  // Observed anew after each load, it also tells that the end is still in view.
  const eye = new IntersectionObserver(([{ isIntersecting }]) => { if (isIntersecting) load(); });
  const watch = () => {
    eye.disconnect();
    if (more?.isConnected) eye.observe(more);
  };

  watch();
  more?.addEventListener("click", (event) => {
    event.preventDefault();
    load();
  });
})();
