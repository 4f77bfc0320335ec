/** @file A signature as TypeScript: the types of a model's rows and outputs. */
import { valueKind, type ModelSignature, type SignatureInput, type SignatureOutput } from "./signature.ts";

const valueTypes = {
  boolean: "boolean",
  integer: "number | bigint",
  float: "number",
  text: "string",
  date: "Date | string",
  timestamp: "Date | string",
} as const;

/**
 * Declarations of the interfaces `Input` and `Output`. A column that may be missing is optional; classes are a union of
 * literals.
 */
export function signatureDeclarations({ inputs, outputs }: ModelSignature): string {
  return `/** A row that the model is asked about. Dates and times are ISO texts, or Date objects; they are UTC. */
export interface Input {
${inputs.map(inputLine).join("\n")}
}

/** What the model says of a row. */
export interface Output {
${outputs.map(outputLine).join("\n")}
}
`;
}

/** A tensor of a row: lists in lists, as deep as it has axes. */
function tensorType(element: string, axes: number): string {
  return axes === 1 ? `readonly (${element})[]` : `readonly (${tensorType(element, axes - 1)})[]`;
}

function inputLine({ name, type, required, shape }: SignatureInput): string {
  const element = valueTypes[valueKind(type)];
  const value = shape ? tensorType(element, shape.length) : element;
  return `  /** ${type} */\n  readonly ${property(name)}${required ? "" : "?"}: ${value}${required ? "" : " | null"};`;
}

function outputLine({ name, type, values, columns, shape }: SignatureOutput): string {
  const sizes = shape ? ` of [${shape.join(", ")}], its elements in order` : "";
  const start = `  /** ${type}${sizes} */\n  readonly ${property(name)}: `;
  if (shape) return `${start}readonly ${type === "boolean" || type === "string" ? type : "number"}[];`;
  if (columns)
    return `${start}{ ${columns.map((column) => `readonly ${property(column)}: number`).join("; ")} };`;
  if (values) return `${start}${values.map(literal).join(" | ")};`;
  return `${start}${type === "boolean" || type === "string" ? type : "number"};`;
}

/** A name as a property of a TypeScript type: quoted, since columns are named by anybody. */
function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

function literal(value: string | number | boolean): string {
  // JSON allows line separators that older readers of JavaScript take for ends of lines.
  return JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
