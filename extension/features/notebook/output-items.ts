/** @file Outputs of the kernel as VS Code's notebook outputs. */
import { NotebookCellOutput, NotebookCellOutputItem } from "vscode";
import type { ErrorOutput, MimeBundle } from "../../../jupyter/output-message.ts";
import { linkedTraceback } from "../../notebook/error-links.ts";

const binaryImage = /^image\/(?!svg\+xml)/;
const json = /^application\/(?:.*\+)?json$/;

/** MIME types from the richest to the plainest, as Jupyter's frontends choose: VS Code shows the first that it knows. */
const order: readonly RegExp[] = [
  /^application\/vnd\./,
  /^text\/html$/,
  /^image\/svg\+xml$/,
  /^image\//,
  /^text\/latex$/,
  /^text\/markdown$/,
  json,
  /^text\/plain$/,
];

function rank(mime: string): number {
  const found = order.findIndex((pattern) => pattern.test(mime));
  return found === -1 ? order.length : found;
}

/** The items of a MIME bundle. */
export function bundleItems(data: MimeBundle): NotebookCellOutputItem[] {
  return Object.entries(data)
    .sort(([left], [right]) => rank(left) - rank(right))
    .map(([mime, value]) => {
      if (binaryImage.test(mime) && typeof value === "string")
        return new NotebookCellOutputItem(Buffer.from(value, "base64"), mime);
      const text = typeof value === "string" && !json.test(mime) ? value : JSON.stringify(value);
      return NotebookCellOutputItem.text(text, mime);
    });
}

/** The bytes of text among items. */
export function textSize(items: readonly NotebookCellOutputItem[]): number {
  return items.reduce((sum, { mime, data }) => (binaryImage.test(mime) ? sum : sum + data.byteLength), 0);
}

/** An output of a MIME bundle, with what the notebook file keeps of it. */
export function bundleOutput(
  data: MimeBundle,
  metadata: Readonly<Record<string, unknown>>,
  outputType: "display_data" | "execute_result",
  executionCount?: number | null,
): NotebookCellOutput {
  return new NotebookCellOutput(bundleItems(data), {
    outputType,
    metadata: { ...metadata },
    ...(executionCount === undefined || executionCount === null ? {} : { executionCount }),
  });
}

/** An error's output, whose places in cells are links. */
export function errorOutput({ ename, evalue, traceback }: ErrorOutput): NotebookCellOutput {
  const error = { name: ename, message: evalue, stack: linkedTraceback(traceback) };
  // What the notebook file keeps is Jupyter's own form.
  return new NotebookCellOutput([NotebookCellOutputItem.error(error)], {
    outputType: "error",
    originalError: { ename, evalue, traceback: [...traceback], output_type: "error" },
  });
}
