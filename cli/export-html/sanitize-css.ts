/**
 * @file Makes style sheets and style attributes from outputs safe to put in the page. They can't load
 * anything (no `@import`, no `url()` but embedded images) which the caller keeps inside its own output.
 */
import { type AtRule, type Declaration, parse } from "postcss";

const embeddedImage = /^data:image\/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]/i;
const keptAtRules = new Set(["media", "supports", "keyframes", "container", "layer", "property"]);
const loads =
  /url\s*\(|image-set\s*\(|image\s*\(|cross-fade\s*\(|src\s*\(|expression\s*\(|@import|-moz-binding|behavior/i;

/** CSS escapes (`\75rl`) can spell a function's name, and comments can split it; looked through before matching. */
function plainText(value: string): string {
  return value
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (_match, digits: string) => {
      const point = Number.parseInt(digits, 16);
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : "";
    })
    .replaceAll("\\", "");
}

function isSafeValue(value: string): boolean {
  const text = plainText(value);
  const withoutEmbedded = text.replace(
    /url\(\s*(["']?)([^"')]*)\1\s*\)/gi,
    (match, _quote, address: string) => (embeddedImage.test(address) ? "" : match),
  );
  return !loads.test(withoutEmbedded) && !/<\/|<!--/.test(text);
}

function isSafeDeclaration(declaration: Declaration): boolean {
  const property = plainText(declaration.prop).toLowerCase();
  if (property === "position" && /fixed/i.test(plainText(declaration.value))) return false;
  return /^[a-z-][a-z0-9-]*$/i.test(property) && isSafeValue(declaration.value);
}

/** A `style` attribute without what could load or cover anything; undefined when nothing remains. */
export function sanitizeStyleAttribute(text: string): string | undefined {
  try {
    const kept: string[] = [];
    parse(text).each((node) => {
      if (node.type === "decl" && isSafeDeclaration(node))
        kept.push(`${node.prop}: ${node.value}${node.important ? " !important" : ""}`);
    });
    return kept.length > 0 ? kept.join("; ") : undefined;
  } catch {
    return undefined;
  }
}

function isSafeAtRule(rule: AtRule): boolean {
  return keptAtRules.has(rule.name.toLowerCase()) && rule.nodes !== undefined && isSafeValue(rule.params);
}

/** A style sheet without what could load or cover anything, to be put in a scope; empty when it can't be parsed. */
export function sanitizeStyleSheet(text: string): string {
  try {
    const sheet = parse(text);
    sheet.walkComments((comment) => {
      comment.remove();
    });
    sheet.walkAtRules((rule) => {
      if (!isSafeAtRule(rule)) rule.remove();
    });
    sheet.walkDecls((declaration) => {
      if (!isSafeDeclaration(declaration)) declaration.remove();
    });
    sheet.walkRules((rule) => {
      if (/<\/|<!--|[{}]/.test(rule.selector)) rule.remove();
    });
    const body = sheet.toString().trim();
    return /<\/|<!--/.test(body) ? "" : body;
  } catch {
    return "";
  }
}
