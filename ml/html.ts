/** @file HTML as a type of its own: what a template is given is escaped, unless it is HTML already. */

/** Markup that may stand in a page as it is. */
export class Html {
  readonly text: string;

  /** Vouches that the text is safe: written by us, or escaped. */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What a template takes; nothing is written for undefined and false. */
export type HtmlPart = Html | string | number | undefined | false | readonly HtmlPart[];

/** A template tag for markup: strings and numbers are escaped, HTML and lists of it inserted. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let text = strings[0] ?? "";
  for (const [index, part] of parts.entries()) text += rendered(part) + (strings[index + 1] ?? "");
  return new Html(text);
}

/** Markup on one line, for outputs and pages that are stored. White space in it must not matter. */
export function onOneLine({ text }: Html): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}

/** Text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function rendered(part: HtmlPart): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "string") return escapeHtml(part);
  return typeof part === "number" ? String(part) : part.map(rendered).join("");
}
