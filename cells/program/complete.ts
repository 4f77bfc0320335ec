/** @file What could stand at an offset of a cell. */
import type { CellAnalysis } from "../analysis.ts";
import { CompilerRequestError } from "../compiler/native-compiler.ts";
import type { CompilerCompletion } from "../compiler/responses.ts";
import { typeFormat } from "../compiler/session.ts";
import type { Scope } from "../scopes.ts";
import { namesColumn } from "../tables/table-paths.ts";
import type { CellCompletion, CellCompletions } from "../types.ts";
import { type CellAround, analyseAround } from "./analyse-around.ts";
import type { LiveNames } from "./binding.ts";
import type { CellQuestion } from "./cell-question.ts";
import { completionKind, kindOfDeclaration } from "./completion-kinds.ts";
import { cursorAt } from "./cursor.ts";
import { isGenerated, withoutGenerated } from "./generated-names.ts";
import { completeSpecifier } from "./import-paths.ts";

export interface CompletionContext extends CellQuestion {
  readonly live: LiveNames;
  /** The notebook's folder. */
  readonly directory: string;
  readonly tenonRoot: string;
  /** The names of the columns of all files that are read. */
  readonly columnNames: () => readonly string[];
  /** All global names with their kinds. */
  readonly globals: () => Promise<ReadonlyMap<string, string>>;
}

/** Types are printed for lists up to this length: people read them only once little is left to choose from. */
const mostDetails = 40;

/** Completes a cell (its magics masked) at an offset. */
export async function completeCell(
  source: string,
  offset: number,
  context: CompletionContext,
): Promise<CellCompletions> {
  const cursor = cursorAt(source, offset);
  if (cursor.kind === "none") return { start: offset, end: offset, items: [] };
  const { start, prefix } = cursor;
  if (cursor.kind === "string" && cursor.imports) {
    const { kept, items } = completeSpecifier(prefix, context);
    return { start: start + kept, end: offset, items };
  }
  const around = analyseAround(source, offset);
  const module = await context.open(source, around.analysis);
  const entries = await entriesAt(context, module.text.toModule(offset));
  if (entries !== undefined) {
    const isText = cursor.kind === "string";
    const found = inOrder(matching(entries, prefix).filter(({ name }) => isText || isMemberName(name)));
    // A text that a type parameter stands for is offered as it is typed.
    const offered = isText && found.length > 1 ? found.filter(({ name }) => name !== prefix) : found;
    if (isText && offered.every(({ name }) => name === prefix)) {
      const columns = columnsAt(source.slice(0, start), around, context);
      if (columns.length > 0) return { start, end: offset, items: columnItems(matching(columns, prefix)) };
    }
    return { start, end: offset, items: await withDetails(offered, context) };
  }
  if (cursor.kind !== "name") return { start, end: offset, items: [] };
  const names = await visibleNames(around, offset, prefix, context);
  return {
    start,
    end: offset,
    items: matching(names, prefix).map(({ name, kind, detail }) => ({ text: name, kind, detail })),
  };
}

/** Any column where the table that it is of does not show, as in `col("delay").gt(5)`. */
function columnsAt(
  before: string,
  { analysis }: CellAround,
  { live, columnNames }: CompletionContext,
): readonly { readonly name: string }[] {
  const isColumn = namesColumn(before, analysis, (name) => live.get(name)?.declaration);
  return isColumn ? columnNames().map((name) => ({ name })) : [];
}

function columnItems(columns: readonly { readonly name: string }[]): CellCompletion[] {
  return columns.map(({ name }) => ({ text: name, kind: "field", detail: undefined }));
}

/** What the compiler offers; undefined where names on their own belong, of which its API does not tell. */
async function entriesAt(
  context: CellQuestion,
  position: number,
): Promise<readonly CompilerCompletion[] | undefined> {
  try {
    const entries = await context.session.completions(context.file, position, true);
    // Optional keys of object literals are labelled with a question mark.
    return entries.map((entry) =>
      entry.name.endsWith("?") ? Object.assign({}, entry, { name: entry.name.slice(0, -1) }) : entry,
    );
  } catch (error) {
    if (error instanceof CompilerRequestError) return undefined;
    throw error;
  }
}

function isMemberName(name: string): boolean {
  return /^#?[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}

/** Those that start as typed; if there are none, those that do so in other capitals. */
function matching<T extends { readonly name: string }>(items: readonly T[], prefix: string): T[] {
  const written = items.filter(({ name }) => !isGenerated(name));
  const exact = written.filter(({ name }) => name.startsWith(prefix));
  if (exact.length > 0) return exact;
  const lower = prefix.toLowerCase();
  return written.filter(({ name }) => name.toLowerCase().startsWith(lower));
}

function inOrder(entries: readonly CompilerCompletion[]): CompilerCompletion[] {
  return entries.toSorted((a, b) => (a.sortText ?? "").localeCompare(b.sortText ?? ""));
}

async function withDetails(
  entries: readonly CompilerCompletion[],
  { session }: CellQuestion,
): Promise<CellCompletion[]> {
  const described =
    entries.length > mostDetails
      ? []
      : entries.flatMap(({ symbol }) => (symbol === undefined ? [] : [symbol]));
  const types = await session.typesOfSymbols(described);
  const texts = await session.typesToStrings(types, typeFormat.readable);
  const details = new Map(described.map(({ id }, index) => [id, texts[index]]));
  return entries.map(({ name, kind, symbol }) => {
    const detail = symbol === undefined ? undefined : details.get(symbol.id);
    return {
      text: name,
      kind: completionKind(kind),
      detail: detail ? withoutGenerated(detail) : undefined,
    };
  });
}

interface VisibleName {
  readonly name: string;
  readonly kind: string;
  readonly detail: string | undefined;
}

/** Names of the cell's own scopes, of earlier cells, and globals, the nearest first. */
async function visibleNames(
  { analysis, scopes }: CellAround,
  offset: number,
  prefix: string,
  context: CompletionContext,
): Promise<VisibleName[]> {
  const names = new Map<string, VisibleName>();
  const add = (name: string, kind: string, detail?: string): void => {
    if (name !== prefix && !names.has(name)) names.set(name, { name, kind, detail });
  };
  const kinds = new Map(analysis.declarations.map(({ name, kind }) => [name, kindOfDeclaration(kind)]));
  const hidden = new Set(analysis.declarations.map(({ name }) => name));
  if (scopes === undefined)
    for (const { name, end } of roughlyBefore(analysis, offset))
      if (end < offset) add(name, kinds.get(name) ?? "variable");
  for (const name of namesIn(scopes?.scopes ?? [], offset)) add(name, kinds.get(name) ?? "variable");
  for (const { name, declaration, settled } of context.live.bindings()) {
    if (hidden.has(name)) continue;
    add(
      name,
      kindOfDeclaration(declaration.kind),
      typeof settled === "object" ? readable(settled.narrowed) : undefined,
    );
  }
  const globals = await context.globals();
  for (const [name, kind] of globals) if (!hidden.has(name)) add(name, kind);
  const own = names.get(prefix);
  if (own === undefined && (globals.has(prefix) || context.live.get(prefix) !== undefined)) {
    names.set(prefix, { name: prefix, kind: globals.get(prefix) ?? "variable", detail: undefined });
  }
  return [...names.values()];
}

function roughlyBefore({ declarations }: CellAnalysis, offset: number): CellAnalysis["declarations"] {
  return declarations.filter(({ end }) => end < offset);
}

/** The names that can be used at an offset: later `const`, `let` and classes only from within functions. */
function* namesIn(scopes: readonly Scope[], offset: number): Generator<string> {
  const around = scopes.filter(({ start, end }) => start <= offset && offset <= end).toReversed();
  let deferred = false;
  for (const scope of around) {
    for (const [name, from] of scope.names) if (deferred || from < offset) yield name;
    deferred ||= scope.deferred;
  }
}

function readable(type: string): string {
  return type.replaceAll(/(?:typeof )?import\("[^"]*"\)\./g, "");
}
