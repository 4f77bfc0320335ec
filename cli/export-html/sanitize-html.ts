/**
 * @file Makes HTML from notebooks safe to put in the page: an allow-list of elements and attributes, applied
 * to the tree that a browser would build from it. No scripts, handlers, forms or frames; nothing that loads
 * from the network; styles stay inside their own output. The page's own ids and classes (`nb-…`) can't be taken.
 */
import type { Element, Root } from "hast";
import { fromHtml } from "hast-util-from-html";
import { sanitize } from "hast-util-sanitize";
import { toHtml } from "hast-util-to-html";
import { SKIP, visit } from "unist-util-visit";
import { type Html, escapeHtml, html, trusted } from "./html.ts";
import { sanitizeStyleAttribute } from "./sanitize-css.ts";
import { sanitizeSchema } from "./sanitize-schema.ts";
import type { ScopedStyles } from "./scoped-styles.ts";

const embeddedImage = /^data:image\/(?:png|jpeg|gif|webp|avif|bmp|svg\+xml)[;,]/i;

/** Answers the data URI for an image's address, or undefined when it can't be embedded. */
export type EmbedImage = (address: string) => string | undefined;

export interface SanitizeOptions {
  /** The id of the element that the HTML goes into; its style sheets apply inside it only. */
  readonly scopeId: string;
  readonly styles: ScopedStyles;
  readonly embedImage?: EmbedImage | undefined;
}

export interface SanitizedHtml {
  readonly html: Html;
  /** Whether scripts or frames were left out, which may be all that there was to see. */
  readonly leftOutActiveContent: boolean;
}

function textContent(element: Element): string {
  return element.children.map((child) => (child.type === "text" ? child.value : "")).join("");
}

/** An image that isn't in the page becomes a link to it, so that opening the page loads nothing. */
function imageLink(address: string, alt: string): Element {
  const label = alt === "" ? address : alt;
  const isLink = /^https?:\/\//i.test(address);
  return {
    type: "element",
    tagName: isLink ? "a" : "span",
    properties: isLink ? { href: address, className: ["nb-image-link"] } : { className: ["nb-image-link"] },
    children: [{ type: "text", value: `Image: ${label}` }],
  };
}

function keepOwnNames(element: Element): void {
  const { properties } = element;
  if (typeof properties["id"] === "string" && /^nb-/i.test(properties["id"])) delete properties["id"];
  const classes = properties["className"];
  if (Array.isArray(classes)) properties["className"] = classes.filter((name) => !name.startsWith("nb-"));
  for (const name of Object.keys(properties)) if (/^dataNb/i.test(name)) delete properties[name];
}

function cleanStyles(element: Element): void {
  const { properties } = element;
  if (typeof properties["style"] === "string") {
    const style = sanitizeStyleAttribute(properties["style"]);
    if (style === undefined) delete properties["style"];
    else properties["style"] = style;
  }
  for (const [name, value] of Object.entries(properties))
    if (
      typeof value === "string" &&
      /url\s*\(/i.test(value) &&
      name !== "style" &&
      !/^url\(#[\w-]+\)$/.test(value)
    )
      delete properties[name];
}

/** What the tree-wide allow-list can't express: images, links, own names, and values with `url()` in them. */
function cleanElements(tree: Root, embedImage: EmbedImage | undefined): void {
  visit(tree, "element", (element, index, parent) => {
    keepOwnNames(element);
    cleanStyles(element);
    // An empty header cell (the corner above row labels) would be announced as a header of nothing.
    if (element.tagName === "th" && element.children.length === 0) element.tagName = "td";
    if (element.tagName !== "img" || index === undefined || parent === undefined) return undefined;
    const source = element.properties["src"];
    const address = typeof source === "string" ? source : "";
    const alt = typeof element.properties["alt"] === "string" ? element.properties["alt"] : "";
    const embedded = embeddedImage.test(address) ? address : embedImage?.(address);
    if (embedded === undefined) {
      parent.children[index] = imageLink(address, alt);
      return SKIP;
    }
    element.properties["src"] = embedded;
    element.properties["alt"] = alt;
    return undefined;
  });
}

/** Makes an HTML fragment from a notebook safe to put in the page; one nested too deeply to read becomes text. */
export function sanitizeHtml(source: string, options: SanitizeOptions): SanitizedHtml {
  try {
    return sanitizeTree(source, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { html: html`<pre>${escapeHtml(source)}</pre>`, leftOutActiveContent: false };
  }
}

function sanitizeTree(source: string, options: SanitizeOptions): SanitizedHtml {
  const tree = fromHtml(source, { fragment: true });
  let leftOutActiveContent = false;
  visit(tree, "element", (element) => {
    if (element.tagName === "style") options.styles.add(textContent(element), options.scopeId);
    if (/^(?:script|iframe|object|embed)$/.test(element.tagName)) leftOutActiveContent = true;
  });
  // Images are looked at before the allow-list drops their addresses, links after it has dropped unsafe ones.
  cleanElements(tree, options.embedImage);
  // SAFETY: sanitising a root answers a root.
  const clean = sanitize(tree, sanitizeSchema) as Root;
  visit(clean, "element", (element) => {
    if (element.tagName === "a") element.properties["rel"] = ["noopener", "noreferrer"];
  });
  return { html: trusted(toHtml(clean)), leftOutActiveContent };
}
