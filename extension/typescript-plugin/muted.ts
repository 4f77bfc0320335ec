/**
 * @file What VS Code's TypeScript says about cells that are ours: nothing that takes each cell for a script of its own.
 *
 * Folding, symbols, selections and colours need one cell only and stay. Formatting stays for cells without magics, which
 * it would tear apart. Definitions stay where they don't lead to the cells of another notebook.
 */
import * as v from "valibot";
import { notebookOfFile } from "./cell-file.ts";

type Method = (...values: readonly unknown[]) => unknown;

/** The language service's methods by name; the first argument of those that are muted is the file. */
export type LanguageService = Readonly<Record<string, Method>>;

const noList = (): unknown => [];
const nothing = (): unknown => undefined;

/** What the muted methods answer. */
const answers: Readonly<Record<string, () => unknown>> = {
  getSyntacticDiagnostics: noList,
  getSemanticDiagnostics: noList,
  getSuggestionDiagnostics: noList,
  getRegionSemanticDiagnostics: () => ({ diagnostics: [], spans: [] }),
  getCompletionsAtPosition: nothing,
  getCompletionEntryDetails: nothing,
  getQuickInfoAtPosition: nothing,
  getSignatureHelpItems: nothing,
  getReferencesAtPosition: nothing,
  findReferences: nothing,
  getRenameInfo: () => ({ canRename: false, localizedErrorMessage: "" }),
  findRenameLocations: nothing,
  getCodeFixesAtPosition: noList,
  getApplicableRefactors: noList,
  provideInlayHints: noList,
  organizeImports: noList,
};

const formatting: ReadonlySet<string> = new Set([
  "getFormattingEditsForDocument",
  "getFormattingEditsForRange",
  "getFormattingEditsAfterKeystroke",
]);

const targetsSchema = v.array(v.looseObject({ fileName: v.string() }));
const spanAndTargetsSchema = v.looseObject({ definitions: v.optional(targetsSchema) });

export interface MuteOptions {
  /** True for the cells of our notebooks. */
  readonly isOurs: (file: string) => boolean;
  /** The text of a file. */
  readonly text: (file: string) => string;
}

/** The language service without what is false for our cells. */
export function mute(service: LanguageService, options: MuteOptions): LanguageService {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [name, mutedMethod(service, name, method, options)]),
  );
}

function mutedMethod(
  service: LanguageService,
  name: string,
  method: Method,
  { isOurs, text }: MuteOptions,
): Method {
  const plain: Method = (...values) => Reflect.apply(method, service, values);
  const isFor = (file: unknown): file is string => typeof file === "string" && isOurs(file);
  const answer = answers[name];
  if (answer !== undefined) return (...values) => (isFor(values[0]) ? answer() : plain(...values));
  if (formatting.has(name)) {
    return (...values) => {
      const [file] = values;
      return isFor(file) && /^[ \t]*%/m.test(text(file)) ? [] : plain(...values);
    };
  }
  if (name === "getDefinitionAtPosition") {
    return (...values) => {
      const found = v.safeParse(targetsSchema, plain(...values));
      return found.success ? ownTargets(values[0], found.output) : undefined;
    };
  }
  if (name === "getDefinitionAndBoundSpan") {
    return (...values) => {
      const result = plain(...values);
      const found = v.safeParse(spanAndTargetsSchema, result);
      if (!found.success || found.output.definitions === undefined) return result;
      return { ...found.output, definitions: ownTargets(values[0], found.output.definitions) };
    };
  }
  return plain;
}

/** Without the cells of other notebooks, whose names the server takes for global. */
function ownTargets(
  file: unknown,
  targets: v.InferOutput<typeof targetsSchema>,
): v.InferOutput<typeof targetsSchema> {
  const notebook = typeof file === "string" ? notebookOfFile(file) : undefined;
  return targets.filter(({ fileName }) => {
    const other = notebookOfFile(fileName);
    return other === undefined || other === notebook;
  });
}
