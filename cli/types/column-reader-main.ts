/**
 * @file The process that reads the columns of files for a kernel: questions on standard input, answers on standard
 * output, as kernel/checker/column-reader-protocol.ts has them. It ends with its input.
 */
import { createInterface } from "node:readline";
import * as v from "valibot";
import {
  type ColumnAnswer,
  columnQuestion,
  columnReaderVersion,
} from "../../kernel/checker/column-reader-protocol.ts";
import { oneLine } from "./one-line.ts";
import { FileColumnReader } from "./file-columns.ts";

const reader = new FileColumnReader();

function say(answer: ColumnAnswer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function answer(line: string): Promise<void> {
  const { id, path } = v.parse(columnQuestion, JSON.parse(line));
  try {
    say({ type: "columns", id, columns: [...(await reader.columns(path))] });
  } catch (error) {
    say({ type: "problem", id, problem: oneLine(error) });
  }
}

say({ type: "ready", version: columnReaderVersion });
// What is wrong with the database is said in the first answer.
reader.prepare().catch(() => undefined);
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => void answer(line));
lines.on("close", () => process.exit(0));
