/** @file The global names that a cell can use, with their kinds. */
import { existsSync, readFileSync } from "node:fs";
import { analyseCell, parseCell } from "../analyse-cell.ts";
import type { CellQuestion } from "./cell-question.ts";
import { completionKind } from "./completion-kinds.ts";

const keywords =
  "abstract any as async await bigint boolean break case catch class const continue declare default delete do else enum export extends false finally for from function if implements import in infer instanceof interface keyof let namespace never new null number object of private protected public readonly return satisfies static string super switch symbol this throw true try type typeof undefined unknown using var void while yield";

/** Types of the standard library that are no values. */
const libraryTypes =
  "ArrayLike AsyncGenerator AsyncIterable AsyncIterator Awaited Capitalize ConstructorParameters Exclude Extract Generator InstanceType Iterable IterableIterator Iterator Lowercase NoInfer NonNullable Omit Parameters Partial Pick PromiseLike PropertyDescriptor PropertyKey Readonly ReadonlyArray ReadonlyMap ReadonlySet Record Required ReturnType ThisType Uncapitalize Uppercase";

/** Asks for the values of `globalThis`, and adds keywords, library types and Tenon's own globals. */
export async function globalNames(
  question: CellQuestion,
  globalsFile: string,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const name of keywords.split(" ")) names.set(name, "keyword");
  for (const name of libraryTypes.split(" ")) names.set(name, "interface");
  const source = "globalThis.";
  const module = await question.open(source, analyseCell(source));
  for (const { name, kind } of await question.session.completions(
    question.file,
    module.text.toModule(source.length),
    false,
  )) {
    if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) names.set(name, completionKind(kind));
  }
  if (existsSync(globalsFile))
    for (const [name, kind] of declaredGlobals(readFileSync(globalsFile, "utf8"))) names.set(name, kind);
  return names;
}

function* declaredGlobals(text: string): Generator<[string, string]> {
  for (const statement of parseCell(text).program.body) {
    if (statement.type === "TSModuleDeclaration" && statement.kind === "global" && statement.body) {
      yield* declaredGlobals(text.slice(statement.body.start + 1, statement.body.end - 1));
    }
  }
  for (const { name, kind, imported } of analyseCell(text).declarations)
    if (imported === undefined) yield [name, kind];
}
