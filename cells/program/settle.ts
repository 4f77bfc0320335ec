/**
 * @file Settles executed cells: declarations whose types can be written down are replaced by just those types, so that
 * a later check does not infer them again through the cells they came from.
 *
 * Invariant: a settled declaration means what the original meant. The compiler itself is asked: the type as written
 * must have no errors and print as it printed before.
 */
import { parseSync } from "oxc-parser";
import type { CompilerSession } from "../compiler/session.ts";
import { typeFormat } from "../compiler/session.ts";
import { findScope, resolveScopes } from "../scopes.ts";
import type { Binding, SettledTypes } from "./binding.ts";
import { moduleFile, settledFile, settledName, settledValueName, valueName } from "./generated-names.ts";
import { isSettled } from "./header.ts";
import type { NotebookModules } from "./notebook-modules.ts";
import type { Workspace } from "./workspace.ts";

/** How many declarations are settled at once; a batch takes about 10 ms. */
const batchSize = 40;
/** A type longer than this costs more to parse than to infer. */
const longestType = 10_000;

export interface SettleContext {
  readonly session: CompilerSession;
  readonly workspace: Workspace;
  readonly modules: NotebookModules;
  /** Writes the module that is checked and takes it into the program, with all other changes. */
  readonly update: (text: string) => Promise<void>;
  /** True once something more urgent waits; nothing is settled then. */
  readonly isWanted: () => boolean;
}

/** The bindings that could be settled. */
export function settleable(modules: NotebookModules): Binding[] {
  return [...modules.neededBindings()].filter(
    ({ settled, declaration: { kind, imported } }) =>
      settled === undefined &&
      imported === undefined &&
      (kind === "variable" || kind === "constant" || kind === "function"),
  );
}

/** Settles some bindings. True where more are left. */
export async function settle(context: SettleContext): Promise<boolean> {
  const { modules, isWanted } = context;
  const waiting = settleable(modules);
  const batch = waiting.slice(0, batchSize);
  if (batch.length > 0) {
    const types = await printTypes(context, batch);
    if (isWanted()) return true;
    const candidates = new Map<Binding, SettledTypes>();
    for (const [binding, printed] of types) {
      const settled = writable(binding, printed, modules);
      if (settled === undefined) binding.settled = "never";
      else candidates.set(binding, settled);
    }
    await keepVerified(context, candidates);
  }
  modules.tidy();
  return waiting.length > batch.length;
}

interface PrintedTypes {
  readonly declared: string;
  readonly narrowed: string;
}

/** Asks for the types of names as their own modules export them. */
async function printTypes(
  context: SettleContext,
  batch: readonly Binding[],
): Promise<Map<Binding, PrintedTypes>> {
  const probe = new Probe();
  for (const id of new Set(batch.map(({ module }) => module.id))) probe.import(`m${id}`, moduleFile(id));
  for (const { name, module, declaration } of batch) {
    probe.ask(`m${module.id}`, name);
    probe.ask(`m${module.id}`, declaration.kind === "function" ? name : valueName(name));
  }
  const texts = await probe.run(context);
  return new Map(batch.map((binding, index) => [binding, pairAt(texts, index)]));
}

function pairAt(texts: readonly string[], index: number): PrintedTypes {
  return { declared: texts[2 * index] ?? "", narrowed: texts[2 * index + 1] ?? "" };
}

/** A module that mentions names, to ask for their types all at once. */
class Probe {
  #imports = "export {};\n";
  #text = "";
  readonly #offsets: number[] = [];

  import(alias: string, file: string): void {
    this.#imports += `import * as ${alias} from "./${file}";\n`;
  }

  ask(alias: string, name: string): void {
    this.#text += `${alias}.`;
    this.#offsets.push(this.#text.length);
    this.#text += `${name};\n`;
  }

  async run({ session, workspace, update }: SettleContext): Promise<string[]> {
    await update(this.#imports + this.#text);
    const offsets = this.#offsets.map((offset) => offset + this.#imports.length);
    const types = await session.typesAt(workspace.path("cell.ts"), offsets);
    return [...(await session.typesToStrings(types, typeFormat.portable))];
  }
}

/** The types as text that can stand in another module, or nothing where they cannot. */
function writable(
  binding: Binding,
  printed: PrintedTypes,
  modules: NotebookModules,
): SettledTypes | undefined {
  const { kind, annotated, initializer } = binding.declaration;
  const declared = portableText(printed.declared, modules);
  const narrowed = portableText(printed.narrowed, modules);
  if (narrowed === undefined || declared === undefined) return undefined;
  let literal: string | undefined;
  if (kind === "constant") {
    if (!annotated && isLiteralType(narrowed)) {
      // The type of such a constant widens where it is assigned on; only a literal itself still says so.
      if (initializer !== "literal" || !/^(?:"|'|-?\d|true$|false$)/.test(narrowed)) return undefined;
      literal = narrowed;
    }
  }
  return { declared, narrowed, literal };
}

function portableText(printed: string, modules: NotebookModules): string | undefined {
  if (printed === "" || printed.length > longestType || /\btypeof\b|\/settled"|\/cell"/.test(printed))
    return undefined;
  const text = printed.replaceAll(/import\("[^"]*\/(cell-\d+)"\)/g, 'import("./$1.ts")');
  const { program, errors } = parseSync("type.ts", `type T = ${text};`, { lang: "ts", sourceType: "module" });
  if (errors.length > 0 || program.body.length !== 1) return undefined;
  // A bare name is a global one, unless some cell gave it another meaning.
  const { references } = resolveScopes(program);
  return references.some(
    ({ name, scope }) => findScope(scope, name) === undefined && modules.wasDeclared(name),
  )
    ? undefined
    : text;
}

function isLiteralType(text: string): boolean {
  const { program } = parseSync("type.ts", `type T = ${text};`, { lang: "ts", sourceType: "module" });
  const [statement] = program.body;
  if (statement?.type !== "TSTypeAliasDeclaration") return false;
  const { typeAnnotation } = statement;
  const members = typeAnnotation.type === "TSUnionType" ? typeAnnotation.types : [typeAnnotation];
  // Members of enums print as imported names; whether they are literals does not show.
  return members.some(
    ({ type }) =>
      type === "TSLiteralType" ||
      (type === "TSImportType" && members.length > 0 && /\)\.\w+\.\w+$/.test(text)),
  );
}

/** Writes the candidates as declarations, has the compiler read them, and keeps those that mean the same. */
async function keepVerified(context: SettleContext, candidates: Map<Binding, SettledTypes>): Promise<void> {
  const { modules, session, workspace, isWanted } = context;
  if (candidates.size === 0) return;
  for (const [binding, settled] of candidates) binding.settled = settled;
  const bindings = [...candidates.keys()];
  let confirmed = false;
  try {
    modules.writeSettled([...modules.neededBindings()].filter(isSettled));
    const probe = new Probe();
    probe.import("m", settledFile);
    for (const binding of bindings) {
      const { kind } = binding.declaration;
      probe.ask("m", kind === "constant" ? settledValueName(binding) : settledName(binding));
      probe.ask("m", kind === "function" ? settledName(binding) : settledValueName(binding));
    }
    const texts = await probe.run(context);
    const wrong = await wrongLines(session, workspace);
    if (isWanted()) return;
    for (const [index, binding] of bindings.entries()) {
      const settled = candidates.get(binding);
      const printed = pairAt(texts, index);
      const same =
        settled !== undefined &&
        normal(printed.narrowed) === normal(settled.narrowed) &&
        (binding.declaration.kind === "constant" || normal(printed.declared) === normal(settled.declared));
      if (!same || wrong.has(settledName(binding)) || wrong.has(settledValueName(binding)))
        binding.settled = "never";
    }
    confirmed = true;
  } finally {
    if (!confirmed) for (const binding of bindings) binding.settled = undefined;
  }
}

function normal(text: string): string {
  return text.replaceAll(/import\("[^"]*\/(cell-\d+)"\)/g, 'import("./$1.ts")');
}

/** The names of settled declarations with errors in them. */
async function wrongLines(session: CompilerSession, workspace: Workspace): Promise<Set<string>> {
  const file = workspace.path(settledFile);
  const found = await session.diagnostics(file);
  if (found.length === 0) return new Set();
  const text = workspace.read(settledFile);
  const names = new Set<string>();
  for (const { pos } of found) {
    const before = text.slice(0, text.indexOf("\n", pos) + 1);
    const name = before
      .slice(before.lastIndexOf("export declare "))
      .match(/\$tenon\d+v?_[\p{ID_Continue}$]+/u)?.[0];
    if (name !== undefined) names.add(name);
  }
  return names;
}
