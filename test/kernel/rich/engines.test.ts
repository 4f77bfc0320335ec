/** @file Values of real engines: DuckDB's readers and ONNX Runtime's tensors, known by their shape alone. */
import assert from "node:assert/strict";
import { DuckDBInstance, type DuckDBResultReader } from "@duckdb/node-api";
import { Tensor } from "onnxruntime-node";
import { renderValue } from "../../../kernel/child/rich/index.ts";
import { objectScope } from "../../../kernel/child/variables/scope.ts";
import { VariableService } from "../../../kernel/child/variables/variable-service.ts";

describe("DuckDB results", function () {
  this.timeout(20_000);
  let reader: DuckDBResultReader;
  before(async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    reader = await connection.runAndReadAll(`
      SELECT i::INTEGER AS id, 'n' || i AS name, i / 4 AS share, i * 10000000000 AS big, i % 2 = 0 AS even,
        DATE '2001-01-01' + i::INTEGER AS day, TIMESTAMP '2001-01-01 10:00:00' AS at, (i / 8)::DECIMAL(6, 3) AS price,
        NULL AS nothing, [i, i + 1] AS list
      FROM range(1000) t(i)`);
  });

  it("are shown as tables", async () => {
    const bundle = await renderValue(reader);
    const lines = String(bundle["text/plain"]).split("\n");
    assert.match(lines[0] ?? "", /^\s+id\s+name\s+share\s+big\s+even\s+day\s+at\s+price\s+nothing\s+list/);
    assert.match(
      lines[3] ?? "",
      /^\s*1\s+1\s+n1\s+0\.25\s+10000000000\s+false\s+2001-01-02\s+2001-01-01T10:00:00Z\s+0\.125\s+null\s+\S/,
    );
    assert.match(String(bundle["text/html"]), /1,000 rows × 10 columns, the first 20 rows shown/);
  });

  it("are paged, sorted and filtered", async () => {
    const service = new VariableService(objectScope({ reader }));
    const [variable] = service.list().variables;
    assert.deepEqual(
      [variable?.type, variable?.shape, variable?.pageable],
      ["DuckDB result", "1,000 × 10", true],
    );
    const page = await service.page(["reader"], {
      offset: 0,
      limit: 2,
      sort: [{ column: "day", descending: true }],
      filters: [{ column: "even", op: "=", value: true }],
    });
    assert.equal(page.rowCount, 500);
    assert.deepEqual(
      page.rows.map((row) => row[0]),
      [998, 996],
    );
    assert.deepEqual(page.rows[0]?.[3], { kind: "bigint", text: "9980000000000" });
    const profile = await service.profile(["reader"], ["share"], []);
    assert.equal(profile.columns[0]?.mean, 124.875);
  });
});

describe("ONNX Runtime tensors", () => {
  it("are described with their values", async () => {
    const tensor = new Tensor("float32", Float32Array.from([1, 2, 3, 4, 5, 6]), [2, 3]);
    const bundle = await renderValue(tensor);
    assert.equal(bundle["text/plain"], "Tensor float32 [2 × 3]\n[1, 2, 3, 4, 5, 6]\nmin 1  max 6  mean 3.5");
    const service = new VariableService(objectScope({ tensor }));
    assert.equal(service.list().variables[0]?.type, "Tensor<float32>");
    const page = await service.page(["tensor"], { offset: 1, limit: 1, sort: [], filters: [] });
    assert.deepEqual(page.rows, [[4, 5, 6]]);
  });

  it("of 64-bit integers and of text work too", async () => {
    const integers = await renderValue(new Tensor("int64", BigInt64Array.from([1n, 2n]), [2]));
    assert.equal(integers["text/plain"], "Tensor int64 [2]\n[1n, 2n]\nmin 1  max 2  mean 1.5");
    const texts = await renderValue(new Tensor("string", ["a", "b"], [2]));
    assert.equal(texts["text/plain"], 'Tensor string [2]\n["a", "b"]');
  });
});
