/**
 * @file Completion and hover in cells, answered by the notebook's kernel, also while a cell runs.
 *
 * Only a kernel that is there is asked: none is started for this.
 */
import {
  CompletionItem,
  CompletionItemKind,
  Disposable,
  type DocumentFilter,
  Hover,
  MarkdownString,
  Range,
  type TextDocument,
  languages,
  workspace,
} from "vscode";
import { completionsAt, hoverAt } from "../language/kernel-answers.ts";
import type { KernelClient } from "../../jupyter/client.ts";
import { notebookType } from "../platform/notebook-cells.ts";
import type { Feature } from "./index.ts";

const cells: DocumentFilter = { notebookType, language: "typescript" };
const triggers: readonly string[] = [".", '"', "'", "`", "/", "%"];

/** The kernel's words are those of the Language Server Protocol, in lower case. */
const kinds: ReadonlyMap<string, CompletionItemKind> = new Map(
  Object.entries(CompletionItemKind)
    .filter((entry): entry is [string, CompletionItemKind] => typeof entry[1] === "number")
    .map(([name, kind]) => [name.toLowerCase(), kind]),
);

export const kernelLanguage: Feature = ({ kernels, log }) => {
  const clientOf = (cell: TextDocument): KernelClient | undefined => {
    const notebook = workspace.notebookDocuments.find((each) =>
      each.getCells().some(({ document }) => document === cell),
    );
    return notebook && kernels.get(notebook.uri.toString())?.client;
  };
  /** A kernel that restarts or ends while it is asked has no answer; that is no problem of the user's. */
  const asked = async <T>(answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer;
    } catch (error) {
      log.debug("the kernel was asked about a cell", error);
      return undefined;
    }
  };
  return Disposable.from(
    languages.registerCompletionItemProvider(
      cells,
      {
        provideCompletionItems: async (document, position) => {
          const client = clientOf(document);
          if (client === undefined) return undefined;
          const found = await asked(completionsAt(client, document.getText(), document.offsetAt(position)));
          if (found === undefined) return undefined;
          const range = new Range(document.positionAt(found.start), document.positionAt(found.end));
          return found.items.map(({ text, kind, signature }, index) => {
            const item = new CompletionItem(text, kinds.get(kind.toLowerCase()) ?? CompletionItemKind.Text);
            if (kind === "magic") item.kind = CompletionItemKind.Keyword;
            if (signature !== "") item.detail = signature;
            item.range = range;
            item.sortText = String(index).padStart(5, "0");
            return item;
          });
        },
      },
      ...triggers,
    ),
    languages.registerHoverProvider(cells, {
      provideHover: async (document, position) => {
        const word = document.getWordRangeAtPosition(position);
        const client = clientOf(document);
        if (client === undefined || word === undefined) return undefined;
        const text = await asked(hoverAt(client, document.getText(), document.offsetAt(position)));
        return text === undefined ? undefined : new Hover(new MarkdownString(text), word);
      },
    }),
  );
};
