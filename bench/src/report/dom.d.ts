/** What the types of Plot and linkedom mean by the names of the DOM: no more of it is used, and Node has none. */
interface Document {
  readonly nodeType: number;
}
interface Element {
  readonly outerHTML: string;
}
interface SVGSVGElement extends Element {
  readonly viewBox: unknown;
}
interface HTMLElement extends Element {
  readonly hidden: boolean;
}
interface Window {
  readonly document: Document;
}
