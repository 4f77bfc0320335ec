import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as v from "valibot";

const folder = new URL("../../samples/", import.meta.url);
const notebookSchema = v.object({
  nbformat: v.literal(4),
  nbformat_minor: v.pipe(v.number(), v.minValue(5)),
  metadata: v.object({
    kernelspec: v.object({
      name: v.literal("tenon"),
      display_name: v.literal("TypeScript (Tenon)"),
      language: v.literal("typescript"),
    }),
  }),
  cells: v.array(
    v.variant("cell_type", [
      v.object({ cell_type: v.literal("markdown"), id: v.string(), source: v.array(v.string()) }),
      v.object({
        cell_type: v.literal("code"),
        id: v.string(),
        source: v.array(v.string()),
        metadata: v.object({ tags: v.optional(v.array(v.string())) }),
        outputs: v.array(v.unknown()),
        execution_count: v.nullable(v.number()),
      }),
    ]),
  ),
});

describe("sample notebooks", () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".ipynb"))) {
    const { cells } = v.parse(notebookSchema, JSON.parse(readFileSync(new URL(name, folder), "utf8")));
    const code = cells.filter((cell) => cell.cell_type === "code");

    it(`${name} is committed without outputs`, () => {
      assert.ok(
        code.every(({ outputs, execution_count }) => outputs.length === 0 && execution_count === null),
      );
    });

    it(`${name} has distinct cell ids and one cell of parameters`, () => {
      assert.equal(new Set(cells.map(({ id }) => id)).size, cells.length);
      assert.equal(code.filter(({ metadata }) => metadata.tags?.includes("parameters")).length, 1);
    });
  }
});
