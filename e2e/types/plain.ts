// What a page without a framework writes. A line after @ts-expect-error must not compile.

import type { Labelled, MarkedAttributes, Viewed } from "../../static/widget/machine-generated";

const answer = document.createElement("machine-generated");
answer.setAttribute("model", "jamba-large");
answer.addEventListener("machine-generated:labelled", () => void answer.openReport().then(() => "open"));

document.addEventListener("machine-generated:viewed", ({ detail }) => {
  const hidden: string = detail.disclosed ? detail.hiddenBy : `hidden by ${detail.hiddenBy}`;
  // @ts-expect-error
  if (detail.hiddenBy === "magic") return hidden;
});
addEventListener("machine-generated:reported", ({ detail, target }) => {
  const receipt: string = detail.receipt;
  // @ts-expect-error
  const number: number = detail.receipt;
  (target as Labelled).title = receipt + number;
});
document.querySelector("machine-generated")?.openReport();
answer.shadowRoot?.addEventListener("machine-generated:withdrawn", (event) => event.detail === null);

// @ts-expect-error
const impossible: Viewed = { disclosed: true, hiddenBy: "covered" };
// @ts-expect-error
const wrong: MarkedAttributes = { "data-machine-generated": "", "data-layout": "banner" };
const marked: MarkedAttributes = { "data-machine-generated": "", "data-review": "human", "data-layout": "chat" };
Object.assign(answer.dataset, { impossible, wrong, marked });
