/** @file TypeScript to plain JavaScript: types erased, enums, namespaces, `using` and decorators lowered. */
import type { Program } from "oxc-parser";
import { CellSyntaxError } from "./compiled-cell.ts";
import { esbuildTransform, oxcParser, oxcTransform } from "./oxc.ts";

/** A cell as JavaScript, before it is fitted to the REPL scope. */
export interface JavaScriptCell {
  readonly code: string;
  /** Encoded mappings from `code` to the source. */
  readonly mappings: string;
  readonly program: Program;
  readonly importMetas: readonly { readonly start: number; readonly end: number }[];
  readonly dynamicImports: readonly { readonly start: number }[];
  /** True where the lowering added bindings of its own or moved declarations into a `try` block. */
  readonly restructured: boolean;
}

/** ECMAScript that Node 20 runs as it stands. */
const target = "es2024";
const decoratorHint = /@\s*[\p{ID_Start}$_([]|\baccessor\b/u;

/**
 * Lowers a cell, or a module: a cell keeps the imports that it doesn't use, a later cell may use them. Throws
 * {@link CellSyntaxError} with offsets into `source`.
 */
export function toJavaScript(source: string, kind: "cell" | "module" = "cell"): JavaScriptCell {
  const result = oxcTransform().transformSync("cell.ts", source, {
    lang: "ts",
    sourceType: "module",
    target,
    sourcemap: true,
    typescript: { onlyRemoveTypeImports: kind === "cell" },
    helpers: { mode: "External" as never },
  });
  if (result.errors.length > 0) throw syntaxError(source, result.errors);
  const restructured = Object.keys(result.helpersUsed).length > 0;
  const parsed = parseJavaScript(result.code);
  if (decoratorHint.test(source) && hasDecorators(parsed.program)) return lowerDecorators(source, kind);
  return { code: result.code, mappings: result.map?.mappings ?? "", restructured, ...parsed };
}

/** What a cell does with the names that it imports. */
export interface ImportUses {
  /** Used as values: they must exist. */
  readonly values: ReadonlySet<string>;
  /** Used by types only: they, and their modules, need not exist at run time. The rest may serve a later cell. */
  readonly types: ReadonlySet<string>;
}

/** Finds {@link ImportUses} of a cell that has imports. */
export function importUses(source: string): ImportUses {
  const options = { lang: "ts", sourceType: "module" } as const;
  const kept = parseJavaScript(oxcTransform().transformSync("cell.ts", source, { ...options, target }).code);
  const values = new Set(importedNames(kept.program));
  const { program } = oxcParser().parseSync("cell.ts", source, options);
  let rest = source;
  for (const statement of program.body.toReversed()) {
    if (statement.type === "ImportDeclaration")
      rest = rest.slice(0, statement.start) + rest.slice(statement.end);
  }
  const names = new Set(rest.match(/[\p{ID_Continue}$]+/gu));
  const types = new Set(importedNames(program).filter((name) => !values.has(name) && names.has(name)));
  return { values, types };
}

function importedNames(program: Program): string[] {
  return program.body.flatMap((statement) =>
    statement.type === "ImportDeclaration"
      ? statement.specifiers.map((specifier) => specifier.local.name)
      : [],
  );
}

function parseJavaScript(code: string): Pick<JavaScriptCell, "program" | "importMetas" | "dynamicImports"> {
  const parsed = oxcParser().parseSync("cell.js", code, { lang: "js", sourceType: "module", astType: "js" });
  return {
    program: parsed.program,
    importMetas: parsed.module.importMetas,
    dynamicImports: parsed.module.dynamicImports,
  };
}

interface OxcError {
  readonly message: string;
  readonly labels: readonly { readonly start: number; readonly end: number }[];
  readonly helpMessage: string | null;
}

/** oxc-transform counts UTF-8 bytes; editors count UTF-16 code units. */
function syntaxError(source: string, errors: readonly OxcError[]): CellSyntaxError {
  const error = errors.toSorted((a, b) => (a.labels[0]?.start ?? 0) - (b.labels[0]?.start ?? 0))[0];
  // With several places (both declarations, the opening bracket and the end) the last one is at fault.
  const label = error?.labels.toSorted((a, b) => a.start - b.start).at(-1);
  const bytes = Buffer.from(source);
  const offset = (byte: number): number => bytes.toString("utf8", 0, byte).length;
  const help = error?.helpMessage == null ? "" : ` (${error.helpMessage})`;
  const start = offset(label?.start ?? 0);
  return new CellSyntaxError(
    `${error?.message ?? "The cell could not be parsed"}${help}`,
    start,
    Math.max(start, offset(label?.end ?? 0)),
  );
}

function hasDecorators(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  if (Array.isArray(node)) return node.some(hasDecorators);
  // SAFETY: every object in the tree is a node or a plain value with string keys.
  const fields = node as Record<string, unknown>;
  if (Array.isArray(fields["decorators"]) && fields["decorators"].length > 0) return true;
  if (fields["type"] === "AccessorProperty") return true;
  return Object.values(fields).some(hasDecorators);
}

/** Standard decorators through esbuild: oxc lowers the legacy ones only. Loaded for the cells that need it. */
function lowerDecorators(source: string, kind: "cell" | "module"): JavaScriptCell {
  const result = esbuildTransform().transformSync(source, {
    loader: "ts",
    target: "es2023",
    sourcemap: "external",
    sourcesContent: false,
    tsconfigRaw: {
      compilerOptions: {
        verbatimModuleSyntax: kind === "cell",
        useDefineForClassFields: true,
        experimentalDecorators: false,
      },
    },
    logLevel: "silent",
  });
  // SAFETY: esbuild writes version 3 maps.
  const { mappings } = JSON.parse(result.map) as { mappings: string };
  return { code: result.code, mappings, restructured: true, ...parseJavaScript(result.code) };
}
