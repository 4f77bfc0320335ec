/** @file How a value looks in one line, from the inspector's description and preview of it. */
import type { Runtime } from "node:inspector";

/** Longest line for a value. */
const limit = 2000;

/** The value as one line of text. */
export function valueText(value: Runtime.RemoteObject): string {
  return cut(describe(value));
}

/** The value's type as people say it. */
export function typeText(value: Runtime.RemoteObject): string {
  if (value.subtype === "null") return "null";
  return value.className ?? value.type;
}

/** The number of elements or entries that the inspector counted. */
export function sizeOf(value: Runtime.RemoteObject): number {
  return Number(/\((\d+)\)$/.exec(value.description ?? "")?.[1] ?? 0);
}

function cut(text: string): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

function describe(value: Runtime.RemoteObject): string {
  switch (value.type) {
    case "undefined":
      return "undefined";
    case "string":
      return quote(String(value.value));
    case "function":
      return functionText(value.description ?? "");
    case "object":
      return objectText(value);
    default:
      return value.description ?? String(value.value);
  }
}

function quote(text: string): string {
  return `'${cut(text).replaceAll(/[\\']/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}'`;
}

function functionText(source: string): string {
  const isClass = source.startsWith("class");
  const head = /^(?:async\s+)?(?:function\s*\*?\s*)?([\w$]*)/.exec(source)?.[1] ?? "";
  if (isClass) return `class ${/^class\s+([\w$]+)/.exec(source)?.[1] ?? "(anonymous)"}`;
  return `ƒ ${source.startsWith("(") || head === "function" ? "" : head}${parameters(source)}`;
}

function parameters(source: string): string {
  const open = source.indexOf("(");
  const arrow = source.indexOf("=>");
  if (arrow !== -1 && (open === -1 || arrow < open))
    return `(${source
      .slice(0, arrow)
      .replace(/^async\s/, "")
      .trim()})`;
  let depth = 0;
  for (let index = open; index !== -1 && index < source.length && index < open + 200; index++) {
    if (source[index] === "(") depth += 1;
    if (source[index] === ")") depth -= 1;
    if (depth === 0) return source.slice(open, index + 1).replaceAll(/\s+/g, " ");
  }
  return "(…)";
}

function objectText({ subtype, description = "Object", preview }: Runtime.RemoteObject): string {
  switch (subtype) {
    case "null":
      return "null";
    case "error":
      return description.split("\n    at ")[0] ?? description;
    case "date":
    case "regexp":
    case "proxy":
      return description;
    default:
      return preview === undefined ? description : previewText(preview, description);
  }
}

function previewText(preview: Runtime.ObjectPreview, description: string): string {
  const more = preview.overflow ? ["…"] : [];
  if (preview.entries !== undefined) {
    const entries = preview.entries.map(({ key, value }) =>
      key === undefined ? nested(value) : `${nested(key)} → ${nested(value)}`,
    );
    return `${description} {${[...entries, ...more].join(", ")}}`;
  }
  const isList = preview.subtype === "array" || preview.subtype === "typedarray";
  const shown = preview.properties.filter(({ name }) => {
    if (isList) return /^\d+$/.test(name);
    // Node's bookkeeping for async hooks.
    return preview.subtype === "promise" ? name.startsWith("[[") : true;
  });
  const properties = shown.map((property) =>
    isList ? propertyText(property) : `${property.name}: ${propertyText(property)}`,
  );
  const inside = [...properties, ...more].join(", ");
  if (isList) return `${description.replace(/^Array(?=\()/, "")} [${inside}]`;
  return description === "Object" ? `{${inside}}` : `${description} {${inside}}`;
}

function propertyText({ type, subtype, value = "" }: Runtime.PropertyPreview): string {
  if (type === "string") return quote(value);
  if (type === "function") return "ƒ";
  if (type === "accessor") return "(…)";
  if (type === "object" && subtype === undefined && value === "Object") return "{…}";
  return value;
}

function nested({ type, subtype, description = "" }: Runtime.ObjectPreview): string {
  return type === "string"
    ? quote(description)
    : propertyText({ name: "", type, subtype, value: description });
}
