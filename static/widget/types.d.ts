// The types of widget.js and report.js. No browser loads this file.

/** An element that is marked as machine-generated. */
interface Marked extends HTMLElement {
  openReport?: () => unknown;
}

/** What the element's attributes (`data-…` on other elements) say, or a moderator who corrected them. */
interface Facts {
  model?: string;
  provider?: string;
  content?: string;
  review?: string;
  layout?: string;
  lang?: string;
}

/** What a moderator decided about one text. */
interface Verdict {
  withdrawn?: "withdrawn";
  corrected?: Facts;
}

/** One impression, as POST /api/v1/views takes it. */
interface View {
  text_sha256: string;
  disclosed: boolean;
  content?: string;
  model?: string;
  provider?: string;
}

/** What all labels of a page share. */
interface Shared {
  /** By language: the words, or the promise of them. */
  words: Record<string, any>;
  /** By marked element, and by badge. */
  labels: WeakMap<object, any>;
  /** The texts (hashes) that were counted on this page view. */
  counted: Set<string>;
  /** By hash. */
  verdicts: Map<string, Verdict>;
  inView: Set<any>;
  /** Not yet sent. */
  views: View[];
}

type Quietly = <A extends any[]>(work: (...of: A) => unknown) => (...of: A) => void;
type Make = (name: string, part: string, ...inside: any[]) => any;
type Send = (again?: View[]) => Promise<void>;

/**
 * The element's own shadow root. Where that cannot be ours (li, td, pre … carry none; another custom element may have
 * its own): the shadow root of an empty <div>, put first into the element, or first into the shadow root it has.
 */
type Attach = (own: ShadowRoot | null) => ShadowRoot;

/** What report.js is opened with: the label of widget.js. */
interface Reportable {
  el: Marked;
  root: ShadowRoot;
  box: HTMLElement;
  link: HTMLAnchorElement;
  /** The passage that was selected when the report control was pressed. */
  range?: Range;
  facts(): Facts;
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
