/** HTML text that is already safe to place in the page: everything in it was escaped or sanitised. */
export type Html = string & { readonly __html: unique symbol };

/** Marks text as safe HTML. The caller vouches for it. */
export function trusted(text: string): Html {
  // SAFETY: the brand has no run-time form; callers pass only escaped, sanitised or our own markup.
  return text as Html;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for element content and quoted attributes. */
export function escapeHtml(text: string): Html {
  return trusted(text.replace(/[&<>"']/g, (character) => entities[character] ?? character));
}

type Part = Html | string | number | undefined | false | readonly Html[];

function render(part: Part): string {
  if (part === undefined || part === false) return "";
  return typeof part === "object" ? part.join("") : String(part);
}

/**
 * Template tag for markup. Values are inserted as they are, so strings from outside go through
 * {@link escapeHtml} first; the `Html` type of the parameters keeps plain strings out.
 */
export function html(
  strings: TemplateStringsArray,
  ...values: readonly (Html | number | undefined | false | readonly Html[])[]
): Html {
  let text = strings[0] ?? "";
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] ?? "");
  return trusted(text);
}

/** A `script` or `style` element with exactly this content: a policy's hash is of every character in it. */
export function rawElement(name: "script" | "style", content: string): Html {
  return trusted(`<${name}>${content}</${name}>`);
}

/** JSON for a data block (`<script type="application/json">`): no text in it can end the element. */
export function jsonForScript(value: unknown): Html {
  return trusted(
    JSON.stringify(value)
      .replace(/</g, "\\u003c")
      .replace(/\u2028/g, "\\u2028")
      .replace(/\u2029/g, "\\u2029"),
  );
}
