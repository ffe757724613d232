// What a React 19 application writes. A line after @ts-expect-error must not compile.

import { useRef } from "react";
import type { MachineGeneratedElement, MarkedAttributes } from "../../static/widget/machine-generated";

const marked: MarkedAttributes = { "data-machine-generated": true, "data-model": "jamba-large", "data-layout": "inline" };

export function Answer({ text, reviewed }: { text: string; reviewed: boolean }) {
  const element = useRef<MachineGeneratedElement>(null);
  return (
    <>
      <machine-generated
        ref={element}
        model="jamba-large"
        provider="AI21"
        review={reviewed ? "human" : "none"}
        layout="chat"
        lang="de"
        className="answer"
        aria-live="polite"
        onClick={(event) => event.currentTarget.openReport()}
        onmachine-generated:viewed={({ detail }) => console.info(detail.disclosed, detail.hiddenBy)}
        onmachine-generated:reported={({ detail }) => console.info(detail.receipt.length)}
      >
        {text}
      </machine-generated>
      <button onClick={() => element.current?.openReport()}>Report</button>
      <article data-machine-generated data-model="jamba-large">{text}</article>
      <p {...marked}>{text}</p>
    </>
  );
}

export const wrong = [
  // @ts-expect-error
  <machine-generated layout="banner" />,
  // @ts-expect-error
  <machine-generated review="robot" />,
  // @ts-expect-error
  <machine-generated modell="jamba-large" />,
  // @ts-expect-error
  <machine-generated onmachine-generated:reported={({ detail }) => detail.code} />,
  // @ts-expect-error
  <article data-machine-generated="maybe" />,
];
