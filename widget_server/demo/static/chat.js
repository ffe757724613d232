// @ts-check
// The answers appear in the page as they are written. Without this file the form loads the page with the whole answer.
(() => {
  const conversation = /** @type {HTMLElement} */ (document.getElementById("conversation"));
  const ask = /** @type {HTMLFormElement} */ (document.getElementById("ask"));
  const { answers = "", model = "", provider = "" } = ask.dataset;

  /** @param {string} className @param {Node | string} inside */
  const say = (className, inside) => {
    const line = document.createElement("div");
    line.className = className;
    line.append(inside);
    conversation.append(line);
    line.scrollIntoView({ block: "nearest" });
  };

  /** @param {string} question */
  const answer = async (question) => {
    say("asked", question);
    conversation.ariaBusy = "true";
    const response = await fetch(`${answers}?${new URLSearchParams({ question })}`);
    if (!response.ok || !response.body) throw new Error(`the answer failed: ${response.status}`);
    const text = document.createElement("machine-generated");
    for (const [name, value] of Object.entries({ model, provider, layout: "chat", lang: response.headers.get("Content-Language") ?? "en" }))
      text.setAttribute(name, value);
    const words = document.createTextNode("");
    text.append(words);
    say("answered", text);
    const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) words.appendData(piece.value);
    conversation.ariaBusy = "false";
  };

  document.addEventListener("submit", (event) => {
    const { target, submitter } = /** @type {SubmitEvent & { target: HTMLFormElement }} */ (event);
    event.preventDefault();
    answer(String(new FormData(target, submitter).get("question"))).catch(() => say("answered", "The answer did not come. Please ask again."));
    if (target === ask) ask.reset();
  });
})();
