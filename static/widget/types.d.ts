// The types of widget.js and report.js. No browser loads this file.

/** An element that is marked as machine-generated. */
interface Marked extends HTMLElement {
  openReport?: () => unknown;
}

/** One impression, as POST /api/v1/views takes it. */
interface View {
  text_sha256: string;
  disclosed: boolean;
}

type Quietly = <A extends any[]>(work: (...of: A) => unknown) => (...of: A) => void;
type Make = (name: string, part: string, ...inside: any[]) => any;
type Build = (name: string, properties?: object, ...inside: any[]) => any;
type Row = (control: object, words: string) => any;
type Field = (control: any, name: string, hint: string) => any;
type Quote = (el: Element, range: Range | undefined, limits: any) => any;

/** What report.js is opened with: the label of widget.js. */
interface Reportable {
  el: Marked;
  root: ShadowRoot;
  box: HTMLElement;
  link: HTMLAnchorElement;
  /** model, provider, content, review, layout, lang */
  facts(): (string | undefined)[];
  tell(name: string, detail?: object): void;
}

/** Where the widget comes from: `host` and `base` (the folder of its parts) end with a slash. */
interface Origin {
  site: string;
  host: string;
  base: string;
}

/** A report in the outbox. */
interface Kept {
  url: string;
  report: any;
  tries: number;
  /** Not to be sent before (milliseconds since 1970). */
  after: number;
}

/** What became of sending one: acknowledged, refused, to be tried later, or kept for later. */
interface Outcome {
  receipt?: string;
  status_url?: string;
  problem?: any;
  later?: boolean;
  kept?: boolean;
}
