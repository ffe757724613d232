// The types of widget.js and report.js. No browser loads this file.

/** An element that is marked as machine-generated. */
interface Marked extends HTMLElement {
  openReport?: () => unknown;
}

/** One impression, as POST /api/v1/views takes it. */
interface View {
  text_sha256: string;
  disclosed: boolean;
  hidden_by?: string;
}

type Make = (name: string, part: string, more?: object, ...inside: any[]) => any;
type Build = (name: string, properties?: object, ...inside: any[]) => any;
type Row = (control: object, words: string) => any;
type Field = (control: any, name: string, hint: string) => any;
type Quote = (el: Element, range: Range | false, limits: any) => any;

/** Makes of a report that was refused one that may be taken: whether that went. `there`: its reader, who can mend what they typed. */
type Mend = (report: any, said: any, solved?: object, there?: boolean) => Promise<any>;

/** What is said of a long text, or where a passage is selected: that, and what makes a report on it fit. */
interface More {
  quote?: any;
  fit?: (report: any) => void;
}

/** What a report is about, as it was when its dialog was opened. */
interface About extends More {
  text: string;
  content: string;
}

/** What report.js is opened with: the label of widget.js. */
interface Reportable {
  el: Marked;
  root: ShadowRoot;
  box: HTMLElement;
  link: HTMLAnchorElement;
  /** model, provider, content, review, layout, lang */
  facts(): string[];
  /** Which part says why the text is not shown: withdraw, or cover. */
  gone?: string | false;
  /** The text that was withdrawn, once that was told. */
  told?: string;
  tell(name: string, detail?: object): void;
}

/** Where the widget comes from: `host`, `base` (the folder of its parts) end with a slash; `words`, the folder of its words, does not. */
interface Origin {
  site: string;
  host: string;
  base: string;
  words: string;
}

/** Loads a part of the widget, checked; its check is hung at a place for a moment. */
type Part = (name: string, at?: Node) => Promise<any>;

/** What was typed into a dialog, and what is kept of it until the server has it. */
interface Draft {
  id?: string;
  category?: string;
  comment?: string;
  quote?: any;
  at?: number;
}

/** A report in the outbox. */
interface Kept {
  url: string;
  report: any;
  /** Tells which text it is about. */
  mark: number;
  tries: number;
  /** Not to be sent before (milliseconds since 1970). */
  after: number;
  /** It may have arrived all the same. */
  unsure?: boolean;
  receipt?: string;
}

/** What became of sending one: acknowledged, refused (then with its words, for whoever was not there), or kept (false: not even that). */
interface Outcome extends Draft {
  receipt?: string;
  status_url?: string;
  errors?: any;
  kept?: boolean;
  /** When that was known, if not just now. */
  at?: number;
}

/** A dialog shows it, if there is anything. Whether the reader sees that. */
type Show = (outcome?: Outcome) => boolean;
