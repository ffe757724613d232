// The types of <machine-generated> and of [data-machine-generated], for any page or framework. Copy this file into your
// sources. React and Vue have one more each: machine-generated-react.d.ts, machine-generated-vue.d.ts.

export type Layout = "block" | "inline" | "chat";
export type Review = "none" | "human";

/** What hid the badge of a text that was seen; empty where nothing did. */
export type HiddenBy = "display" | "opacity" | "size" | "off_screen" | "clip" | "covered" | "colour";

/** Whether the badge was really visible while the text was seen. Without `hiddenBy`, what hid it could not be found out. */
export type Viewed = { disclosed: true; hiddenBy: "" } | { disclosed: false; hiddenBy?: HiddenBy };

/** The code with which the reader finds the report again. */
export interface Reported {
  receipt: string;
}

/** The attributes of <machine-generated>. */
export interface MachineGeneratedAttributes {
  model?: string;
  provider?: string;
  /** The signed token that `render` gives. */
  content?: string;
  /** "human": a person has reviewed exactly this text. */
  review?: Review;
  layout?: Layout;
  lang?: string;
}

/** The same on any other element: <article data-machine-generated data-model="…">. Spread them to have them checked. */
export interface MarkedAttributes {
  "data-machine-generated": "" | "true" | "false" | boolean;
  "data-model"?: string;
  "data-provider"?: string;
  "data-content"?: string;
  "data-review"?: Review;
  "data-layout"?: Layout;
  "data-lang"?: string;
}

/** An element that carries a label. The tag gives it this method; it is not there before `machine-generated:labelled`. */
export interface Labelled extends HTMLElement {
  /** Opens the report dialog for this text. */
  openReport(): Promise<void>;
}

export interface MachineGeneratedElement extends Labelled {}

/** They bubble, and cross shadow roots: listen on the element, or once on the document. */
export interface MachineGeneratedEventMap {
  "machine-generated:labelled": CustomEvent<null>;
  "machine-generated:viewed": CustomEvent<Viewed>;
  "machine-generated:reported": CustomEvent<Reported>;
  "machine-generated:withdrawn": CustomEvent<null>;
}

declare global {
  interface GlobalEventHandlersEventMap extends MachineGeneratedEventMap {}
  interface ShadowRootEventMap extends MachineGeneratedEventMap {}
  interface HTMLElementTagNameMap {
    "machine-generated": MachineGeneratedElement;
  }
}
