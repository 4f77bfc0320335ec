/** @file One program in a native compiler: its changes, and questions about it as it stands after the last change. */
import * as v from "valibot";
import { NativeCompiler } from "./native-compiler.ts";
import {
  type CompilerCompletion,
  type CompilerDiagnostic,
  type CompilerSymbol,
  type CompilerType,
  completionsResponse,
  diagnosticsResponse,
  namesResponse,
  snapshotResponse,
  symbolResponse,
  symbolsResponse,
  tagsResponse,
  textResponse,
  typeResponse,
  typesResponse,
} from "./responses.ts";

/** Files that differ from what the compiler has read. */
export interface FileChanges {
  readonly changed: readonly string[];
  readonly created?: readonly string[];
  readonly deleted?: readonly string[];
}

/** How types are printed; the numbers are TypeScript's `NodeBuilderFlags`. */
export const typeFormat = {
  /** As in hovers. */
  readable: 1,
  /** Every name with the module it comes from, so that the text means the same anywhere. */
  portable: 1 | 64,
} as const;

/** So many snapshots are kept for a moment in which nobody waits. */
const mostOld = 8;

function fileChanges({ changed, created = [], deleted = [] }: FileChanges): object {
  return {
    fileChanges: {
      changed,
      ...(created.length > 0 ? { created } : {}),
      ...(deleted.length > 0 ? { deleted } : {}),
    },
  };
}

export class CompilerSession {
  readonly #old: number[] = [];
  readonly #compiler: NativeCompiler;
  readonly #configFile: string;
  #snapshot: { readonly snapshot: number; readonly project: string } | undefined;

  /** Starts a compiler and has it read the program of a `tsconfig.json`. Requests wait for that. */
  constructor(configFile: string, directory: string, memoryLimit: number) {
    this.#configFile = configFile;
    this.#compiler = new NativeCompiler({ directory, memoryLimit });
  }

  get running(): boolean {
    return this.#compiler.running;
  }

  get pid(): number | undefined {
    return this.#compiler.pid;
  }

  kill(): void {
    this.#compiler.kill();
  }

  /** Reads the program. */
  async open(): Promise<void> {
    // Both at once: a compiler that ends rejects both.
    await Promise.all([
      this.#compiler.request("initialize", null),
      this.#advance({ openProjects: [this.#configFile] }),
    ]);
  }

  /** Takes changed files into the program. */
  async update(changes: FileChanges): Promise<void> {
    await this.#advance(fileChanges(changes));
  }

  /**
   * Takes changed files into the program and asks for a file's problems in the same breath: the compiler numbers its
   * snapshots one after another, so the question can name the next one before it is there. `isParsed` as for
   * {@link diagnostics}.
   */
  async updateAndDiagnose(
    changes: FileChanges,
    file: string,
    isParsed: boolean,
  ): Promise<readonly CompilerDiagnostic[]> {
    const previous = this.#snapshot;
    if (previous === undefined || !isParsed) {
      await this.update(changes);
      return await this.diagnostics(file, isParsed);
    }
    const expected = { ...previous, snapshot: previous.snapshot + 1 };
    const advanced = this.#advance(fileChanges(changes));
    const asked = this.#compiler.request("getSemanticDiagnostics", { ...expected, file });
    // Where the expectation was wrong, its answer doesn't matter, and neither does its failure.
    asked.catch(() => undefined);
    await advanced;
    const isExpected =
      this.#snapshot?.snapshot === expected.snapshot && this.#snapshot.project === expected.project;
    if (!isExpected) return await this.diagnostics(file, isParsed);
    const semantic = v.parse(diagnosticsResponse, await asked);
    this.#releaseOld();
    return semantic.length === 0 ? semantic : await this.diagnostics(file, false);
  }

  /** Has everything read anew: configuration, packages, modules. */
  async invalidateAll(): Promise<void> {
    await this.#advance({ fileChanges: { invalidateAll: true } });
  }

  async #advance(parameters: object): Promise<void> {
    const { snapshot, projects } = v.parse(
      snapshotResponse,
      await this.#compiler.request("updateSnapshot", parameters),
    );
    const previous = this.#snapshot;
    const project = projects[0]?.id ?? previous?.project ?? this.#configFile;
    this.#snapshot = { snapshot, project };
    if (previous !== undefined) this.#old.push(previous.snapshot);
    if (this.#old.length > mostOld) this.#releaseOld();
  }

  /** Lets snapshots go that nobody asks about any more; done when the answer that somebody waits for is here. */
  #releaseOld(): void {
    // Where it fails, the compiler is gone anyway.
    for (const snapshot of this.#old.splice(0))
      this.#compiler.request("release", { snapshot }).catch(() => undefined);
  }

  async #ask<T extends v.GenericSchema>(
    schema: T,
    method: string,
    parameters: object,
  ): Promise<v.InferOutput<T>> {
    return v.parse(schema, await this.#compiler.request(method, { ...this.#snapshot, ...parameters }));
  }

  /**
   * A file's problems: those of its syntax if there are any, else those of its types. With `isParsed`, the caller has
   * found its syntax to be right, and the compiler is asked about it only where it sees problems with the types.
   */
  async diagnostics(file: string, isParsed = false): Promise<readonly CompilerDiagnostic[]> {
    const semantic = this.#ask(diagnosticsResponse, "getSemanticDiagnostics", { file });
    const syntactic =
      isParsed && (await semantic).length === 0 ? [] : await this.#syntaxProblems(file, semantic);
    this.#releaseOld();
    return syntactic.length > 0 ? syntactic : await semantic;
  }

  async #syntaxProblems(file: string, beside: Promise<unknown>): Promise<readonly CompilerDiagnostic[]> {
    const [syntactic] = await Promise.all([
      this.#ask(diagnosticsResponse, "getSyntacticDiagnostics", { file }),
      beside,
    ]);
    return syntactic;
  }

  /** @throws {CompilerRequestError} at places where the API of this version has no answer: names on their own. */
  async completions(
    file: string,
    position: number,
    includeSymbol: boolean,
  ): Promise<readonly CompilerCompletion[]> {
    const found = await this.#ask(completionsResponse, "getCompletionsAtPosition", {
      file,
      position,
      includeSymbol,
    });
    return found?.entries ?? [];
  }

  async symbolAt(file: string, position: number): Promise<CompilerSymbol | undefined> {
    return (await this.#ask(symbolResponse, "getSymbolAtPosition", { file, position })) ?? undefined;
  }

  /** What an imported name stands for. */
  async aliasedSymbol(symbol: CompilerSymbol): Promise<CompilerSymbol | undefined> {
    return (await this.#ask(symbolResponse, "getAliasedSymbol", { symbol: symbol.id })) ?? undefined;
  }

  async typeOfSymbol(symbol: { readonly id: number }): Promise<CompilerType | undefined> {
    return (await this.#ask(typeResponse, "getTypeOfSymbol", { symbol: symbol.id })) ?? undefined;
  }

  async typesOfSymbols(
    symbols: readonly { readonly id: number }[],
  ): Promise<readonly (CompilerType | null)[]> {
    if (symbols.length === 0) return [];
    return await this.#ask(typesResponse, "getTypesOfSymbols", { symbols: symbols.map(({ id }) => id) });
  }

  async declaredType(symbol: CompilerSymbol): Promise<CompilerType | undefined> {
    return (await this.#ask(typeResponse, "getDeclaredTypeOfSymbol", { symbol: symbol.id })) ?? undefined;
  }

  async typeAt(file: string, position: number): Promise<CompilerType | undefined> {
    return (await this.#ask(typeResponse, "getTypeAtPosition", { file, position })) ?? undefined;
  }

  async typesAt(file: string, positions: readonly number[]): Promise<readonly (CompilerType | null)[]> {
    return positions.length === 0
      ? []
      : await this.#ask(typesResponse, "getTypesAtPositions", { file, positions });
  }

  async typeToString(type: CompilerType, flags: number): Promise<string> {
    return (await this.#ask(textResponse, "typeToString", { type: type.id, flags })) ?? "";
  }

  /** Prints types; those that are not there print as nothing. */
  async typesToStrings(types: readonly (CompilerType | null)[], flags: number): Promise<readonly string[]> {
    return await Promise.all(
      types.map(async (type) => (type === null ? "" : await this.typeToString(type, flags))),
    );
  }

  async propertiesOfType(type: CompilerType): Promise<readonly CompilerSymbol[]> {
    const found = await this.#ask(symbolsResponse, "getPropertiesOfType", { type: type.id });
    return (found ?? []).filter((symbol) => symbol !== null);
  }

  async documentation(symbol: { readonly id: number }): Promise<string> {
    return (await this.#ask(textResponse, "getDocumentationComment", { symbol: symbol.id })) ?? "";
  }

  async documentationTags(symbol: {
    readonly id: number;
  }): Promise<readonly { name: string; text?: string | undefined }[]> {
    return (await this.#ask(tagsResponse, "getJsDocTags", { symbol: symbol.id })) ?? [];
  }

  /** Every file of the program. */
  async fileNames(): Promise<readonly string[]> {
    return (await this.#ask(namesResponse, "getSourceFileNames", {})) ?? [];
  }
}
