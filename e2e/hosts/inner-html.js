import { article, feed, list } from "./html.js";
import { atTheEnd, lengthened, more, numbers, scene, shortened, shuffled, stream } from "./scenes.js";

let trusted = (html) => html;
try {
  const policy = trustedTypes.createPolicy("inner-html", { createHTML: trusted });
  trusted = (html) => policy.createHTML(html);
} catch {}
const put = (id, html) => { document.getElementById(id).innerHTML = trusted(html); };

let all = numbers(), edition = 1, shown = 100;
const buttons = {
  Shuffle: () => { all = shuffled(all); },
  Remove: () => { all = shortened(all); },
  Add: () => { all = lengthened(all); },
  Edit: () => { edition++; },
};

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.textContent in buttons) buttons[target.textContent](), put("list", list(all, edition));
  let said = "";
  if (target.id === "stream") stream((token) => { said += token, put("answer", said), put("item", said); });
  if (target.localName !== "a") return;
  event.preventDefault();
  history.pushState(null, "", target.href);
  show();
});
addEventListener("popstate", () => show());

const show = () => put("scene", scene() === "list" ? list(all, edition) : article(scene() === "route" ? 1 : 2));

const end = document.getElementById("more");
if (end) atTheEnd(end, () => {
  const before = shown;
  shown = more(shown);
  document.getElementById("feed").insertAdjacentHTML("beforeend", trusted(feed(before, shown)));
});
