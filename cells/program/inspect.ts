/** @file What is known of a name: its declaration and its documentation. */
import { parseSync } from "oxc-parser";
import type { CompilerSymbol } from "../compiler/responses.ts";
import { type CompilerSession, typeFormat } from "../compiler/session.ts";
import type { CellInspection } from "../types.ts";
import { analyseAround } from "./analyse-around.ts";
import type { CellQuestion } from "./cell-question.ts";
import { withoutGenerated } from "./generated-names.ts";
import type { ModuleOfCell } from "./module-of-cell.ts";

/** TypeScript's `SymbolFlags`, as far as they tell what to call a symbol. */
const flag = {
  variable: 3,
  property: 4,
  enumMember: 8,
  function: 16,
  class: 32,
  interface: 64,
  enum: 384,
  module: 1536,
  method: 8192,
  accessor: 98_304,
  typeParameter: 262_144,
  typeAlias: 524_288,
  alias: 2_097_152,
} as const;

/** Print flags by which the alias itself is written out. */
const inTypeAlias = 8_388_608;
const mostMembers = 24;

/** Describes the name at an offset, or the function whose arguments are there. */
export async function inspectCell(
  source: string,
  offset: number,
  question: CellQuestion,
): Promise<CellInspection | undefined> {
  const { analysis } = analyseAround(source, offset);
  let module: ModuleOfCell | undefined;
  for (const { start, end } of [nameAt(source, offset), calleeAround(source, offset)].filter(
    (name) => name !== undefined,
  )) {
    module ??= await question.open(source, analysis);
    const found = await describe(source.slice(start, end), start, module, question);
    if (found !== undefined) return { start, end, ...found };
  }
  return undefined;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function nameAt(source: string, offset: number): Range | undefined {
  const before = /#?[\p{ID_Continue}$]*$/u.exec(source.slice(0, offset))?.[0].length ?? 0;
  const after = /^[\p{ID_Continue}$]*/u.exec(source.slice(offset))?.[0].length ?? 0;
  return before + after === 0 ? undefined : { start: offset - before, end: offset + after };
}

/** The name before the open parenthesis that the offset is behind. */
function calleeAround(source: string, offset: number): Range | undefined {
  let depth = 0;
  for (let index = offset - 1; index >= 0; index -= 1) {
    const character = source[index] ?? "";
    if (character === ")" || character === "]" || character === "}") depth += 1;
    else if (character === "(" && depth === 0) {
      const callee = /([\p{ID_Continue}$]+)\s*(?:<[^()]*>\s*)?$/u.exec(source.slice(0, index));
      const name = callee?.[1];
      if (callee === null || name === undefined) return undefined;
      if (!/^(?:if|for|while|switch|catch|function|return|await)$/.test(name)) {
        return { start: callee.index, end: callee.index + name.length };
      }
    } else if (character === "(" || character === "[" || character === "{") {
      if (depth > 0) depth -= 1;
    } else if (character === ";" && depth === 0) return undefined;
  }
  return undefined;
}

async function describe(
  name: string,
  start: number,
  module: ModuleOfCell,
  { session, file }: CellQuestion,
): Promise<Omit<CellInspection, "start" | "end"> | undefined> {
  const symbol = await session.symbolAt(file, module.text.toModule(start));
  if (symbol === undefined) return undefined;
  const target =
    (symbol.flags & flag.alias) === 0 ? symbol : ((await session.aliasedSymbol(symbol)) ?? symbol);
  const isMember = /\.\s*$/.test(module.source.slice(0, start));
  const signature = await signatureOf(name, symbol, target, isMember, module, session);
  if (signature === undefined) return undefined;
  const [text, tags] = await Promise.all([session.documentation(target), session.documentationTags(target)]);
  const own = text === "" && tags.length === 0 ? writtenComment(name, module) : "";
  const documentation = [text === "" ? own : text, ...tags.map(tagText)]
    .filter((part) => part !== "")
    .join("\n\n");
  return { signature: withoutGenerated(signature), documentation };
}

/** The doc comment of a name as its cell has it, for where the compiler gives none. */
function writtenComment(name: string, module: ModuleOfCell): string {
  const comment =
    module.analysis.declarations.find((declaration) => declaration.name === name)?.documentation ??
    module.declarationOf(name)?.documentation ??
    "";
  return comment
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "")
    .replaceAll(/^[ \t]*\* ?/gm, "")
    .trim();
}

function tagText({ name, text }: { readonly name: string; readonly text?: string | undefined }): string {
  if (text === undefined || text === "") return `*@${name}*`;
  if (name === "example")
    return `*@example*\n\n${text.includes("```") ? text : `\`\`\`typescript\n${text}\n\`\`\``}`;
  const [, parameter, description] =
    name === "param" || name === "template" ? (/^(\S+)\s*-?\s*([\s\S]*)$/.exec(text) ?? []) : [];
  return parameter === undefined
    ? `*@${name}* ${text}`
    : `*@${name}* \`${parameter}\`${description === "" ? "" : ` — ${description}`}`;
}

async function signatureOf(
  name: string,
  symbol: CompilerSymbol,
  target: CompilerSymbol,
  isMember: boolean,
  module: ModuleOfCell,
  session: CompilerSession,
): Promise<string | undefined> {
  const { flags } = target;
  const is = (mask: number): boolean => (flags & mask) !== 0;
  if (is(flag.class)) return await classSignature(name, target, session);
  if (is(flag.interface) && !is(flag.variable)) return await interfaceSignature(name, target, session);
  if (is(flag.enum)) return `enum ${name}`;
  if (is(flag.typeAlias)) {
    const type = await session.declaredType(target);
    return type === undefined
      ? undefined
      : `type ${name} = ${await session.typeToString(type, typeFormat.readable | inTypeAlias)}`;
  }
  if (is(flag.typeParameter)) return `(type parameter) ${name}`;
  if (is(flag.module) && !is(flag.function | flag.variable)) return `namespace ${name}`;
  const type = (await session.typeOfSymbol(symbol)) ?? (await session.typeOfSymbol(target));
  if (type === undefined) return undefined;
  const text = await session.typeToString(type, typeFormat.readable);
  const kind =
    module.analysis.declarations.find((declaration) => declaration.name === name)?.kind ??
    module.kindOf(name);
  const calls = callSignatures(text);
  if (calls !== undefined && (is(flag.function) || kind === "function" || (is(flag.method) && !isMember)))
    return calls.map((call) => `function ${name}${call}`).join("\n");
  if (is(flag.method) && calls !== undefined)
    return calls.map((call) => `(method) ${name}${call}`).join("\n");
  if (is(flag.enumMember)) return `(enum member) ${text}`;
  if (is(flag.property | flag.accessor)) return `(property) ${name}: ${text}`;
  const word =
    kind === "constant" ? "const" : kind === "variable" ? "let" : is(flag.variable) ? "var" : "const";
  return `${word} ${name}: ${text}`;
}

async function classSignature(
  name: string,
  target: CompilerSymbol,
  session: CompilerSession,
): Promise<string> {
  const [value, instance] = await Promise.all([session.typeOfSymbol(target), session.declaredType(target)]);
  const title = instance === undefined ? name : await session.typeToString(instance, typeFormat.readable);
  if (value === undefined) return `class ${title}`;
  return `class ${title}`;
}

/** An interface with its members, as far as a screen takes them. */
async function interfaceSignature(
  name: string,
  target: CompilerSymbol,
  session: CompilerSession,
): Promise<string> {
  const type = await session.declaredType(target);
  if (type === undefined) return `interface ${name}`;
  const title = await session.typeToString(type, typeFormat.readable);
  const members = (await session.propertiesOfType(type)).slice(0, mostMembers + 1);
  const types = await session.typesOfSymbols(members);
  const texts = await session.typesToStrings(types, typeFormat.readable);
  const lines = members
    .slice(0, mostMembers)
    .map((member, index) => `  ${member.name}: ${texts[index] || "any"};`);
  if (members.length > mostMembers) lines.push("  …");
  return lines.length === 0 ? `interface ${title} {}` : `interface ${title} {\n${lines.join("\n")}\n}`;
}

/** The signatures of a printed function type, as declarations write them: `(a: number): string`. */
export function callSignatures(type: string): string[] | undefined {
  const text = `type T = ${type};`;
  const [statement] = parseSync("type.ts", text, { lang: "ts", sourceType: "module" }).program.body;
  if (statement?.type !== "TSTypeAliasDeclaration") return undefined;
  const { typeAnnotation } = statement;
  if (typeAnnotation.type === "TSFunctionType") {
    const { returnType } = typeAnnotation;
    const head = text
      .slice(typeAnnotation.start, returnType.start)
      .trimEnd()
      .replace(/\s*=>$/, "");
    return [`${head}: ${text.slice(returnType.typeAnnotation.start, returnType.end)}`];
  }
  if (typeAnnotation.type !== "TSTypeLiteral") return undefined;
  const signatures = typeAnnotation.members.filter(({ type: kind }) => kind === "TSCallSignatureDeclaration");
  return signatures.length === 0
    ? undefined
    : signatures.map(({ start, end }) => text.slice(start, end).replace(/;$/, ""));
}
