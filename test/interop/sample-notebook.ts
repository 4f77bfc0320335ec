/** @file A notebook for programs that run notebooks, and what its cells must have put out. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import * as v from "valibot";

interface SampleCell {
  readonly source: string;
  readonly tags?: readonly string[];
  readonly outputs: readonly Record<string, unknown>[];
}

const text = (value: string): Record<string, unknown> => ({ "text/plain": value });

export const sampleCells: readonly SampleCell[] = [
  {
    source: 'const greeting: string = "hello";\nconsole.log(greeting);',
    outputs: [{ output_type: "stream", name: "stdout", text: "hello\n" }],
  },
  {
    source:
      "interface Point { x: number; y: number }\nconst point: Point = { x: 1, y: 2 };\npoint.x + point.y",
    outputs: [{ output_type: "execute_result", data: text("3") }],
  },
  {
    source: 'await new Promise((resolve) => setTimeout(resolve, 10));\nconsole.error("careful");',
    outputs: [{ output_type: "stream", name: "stderr", text: "careful\n" }],
  },
  {
    source: 'display.html("<b>bold</b>");',
    outputs: [{ output_type: "display_data", data: { "text/html": "<b>bold</b>" } }],
  },
  {
    source: 'import { basename } from "node:path";\nbasename("/data/flights.parquet").length',
    outputs: [{ output_type: "execute_result", data: text("15") }],
  },
  { source: "greeting.length;", outputs: [] },
];

/** Writes a notebook of code cells for the kernelspec `tenon`. */
export function writeNotebook(path: string, cells: readonly Pick<SampleCell, "source" | "tags">[]): void {
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: "tenon", display_name: "TypeScript (Tenon)", language: "typescript" },
      language_info: { name: "typescript" },
    },
    cells: cells.map(({ source, tags }, index) => ({
      id: `cell-${index}`,
      cell_type: "code",
      source,
      metadata: tags === undefined ? {} : { tags },
      execution_count: null,
      outputs: [],
    })),
  };
  writeFileSync(path, JSON.stringify(notebook, undefined, 1));
}

const multiline = v.union([v.string(), v.array(v.string())]);
const executedSchema = v.object({
  cells: v.array(
    v.looseObject({
      cell_type: v.string(),
      source: multiline,
      outputs: v.optional(v.array(v.looseObject({ output_type: v.string() })), []),
    }),
  ),
});

/** An executed notebook's cell. */
export interface ExecutedCell {
  readonly source: string;
  readonly outputs: readonly Readonly<Record<string, unknown>>[];
}

/** Reads an executed notebook, with the lines of each text joined. */
export function readExecutedNotebook(path: string): ExecutedCell[] {
  const { cells } = v.parse(executedSchema, JSON.parse(readFileSync(path, "utf8")));
  return cells.map(({ source, outputs }) => ({
    source: joinLines(source),
    outputs: outputs.map((output) => {
      const joined: Record<string, unknown> = { ...output };
      if (Array.isArray(output["text"])) joined["text"] = output["text"].join("");
      return joined;
    }),
  }));
}

/** Throws where an executed cell lacks an output, or has one of another kind or with other content. */
export function assertOutputs(executed: ExecutedCell | undefined, expected: SampleCell): void {
  assert.ok(executed, "the cell is missing");
  const types = (outputs: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
    outputs.map((output) => output["output_type"]);
  assert.deepEqual(types(executed.outputs), types(expected.outputs));
  expected.outputs.forEach((output, index) => {
    const actual = executed.outputs[index] ?? {};
    for (const [key, value] of Object.entries(output)) {
      if (key !== "data") assert.deepEqual(actual[key], value);
      else
        for (const [mime, content] of Object.entries(value ?? {}))
          assert.equal(mimeText(actual, mime), content);
    }
  });
}

/** One MIME type of an output, its lines joined. */
export function mimeText(output: Readonly<Record<string, unknown>>, mime: string): string | undefined {
  const data = v.safeParse(v.record(v.string(), v.unknown()), output["data"]);
  const content = data.success ? v.safeParse(multiline, data.output[mime]) : undefined;
  return content?.success === true ? joinLines(content.output) : undefined;
}

function joinLines(lines: string | readonly string[]): string {
  return typeof lines === "string" ? lines : lines.join("");
}
