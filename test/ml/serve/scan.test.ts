/** @file Bodies that are scanned give what JSON.parse and the checks of the long way give. */
import assert from "node:assert/strict";
import { Random } from "../../../ml/random.ts";
import { readInstances, readRecords, readSplit } from "../../../ml/serve/http/json-rows.ts";
import { asObject, parseJson, readV2Json } from "../../../ml/serve/http/v2-request.ts";
import { JsonScanner } from "../../../ml/serve/json/json-scanner.ts";
import { scanRows } from "../../../ml/serve/json/scan-rows.ts";
import { scanV2 } from "../../../ml/serve/json/scan-v2.ts";
import { float32Text } from "../../../ml/serve/json/write-elements.ts";
import { planModel, type ModelPlan } from "../../../ml/serve/plan/model-plan.ts";

const outputs = [{ name: "prediction", type: "float32" }] as const;
const columns = planModel({
  inputs: [
    { name: "age", type: "int32", dtype: "int64", required: true },
    { name: "in come", type: "float64", dtype: "float64", required: false },
    { name: "직업", type: "string", dtype: "string", required: false },
    { name: "married", type: "boolean", dtype: "bool", required: true },
    { name: "owns", type: "boolean", dtype: "float64", required: false },
  ],
  outputs,
});
const matrix = planModel({
  inputs: [{ name: "x", type: "float32", dtype: "float32", required: true, shape: [4] }],
  outputs,
});

describe("scanned bodies", () => {
  const source = new Random(7);
  const random = (): number => source.uniform();
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const number = (): number => {
    const value = (random() - 0.5) * 10 ** Math.floor(random() * 30 - 12);
    return pick([
      value,
      Math.fround(value),
      Math.trunc(value),
      Number(value.toFixed(3)),
      0,
      -0,
      1e21,
      5e-324,
    ]);
  };
  const row = (): unknown[] => [
    Math.floor(random() * 100),
    pick([number(), number(), null]),
    pick(["cook", "요리사", "a b", ""]),
    pick([true, false]),
    pick([true, false, null]),
  ];
  const names = columns.inputs.map(({ name }) => name);
  const datatypes = columns.inputs.map(({ datatype }) => datatype);

  const v2Body = (): object => {
    const rows = Array.from({ length: 1 + Math.floor(random() * 3) }, row);
    return {
      ...(random() < 0.3 && { id: "7" }),
      inputs: names.map((name, at) => ({
        name,
        shape: random() < 0.8 ? [rows.length] : [rows.length, 1],
        datatype: datatypes[at],
        data: rows.map((each) => each[at]),
      })),
      ...(random() < 0.3 && { outputs: [{ name: "prediction" }] }),
    };
  };
  const matrixBody = (): object => {
    const rows = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      Array.from({ length: 4 }, number),
    );
    const data = random() < 0.5 ? rows : rows.flat();
    return { inputs: [{ name: "x", shape: [rows.length, 4], datatype: "FP32", data }] };
  };
  const frameBody = (): object => {
    const data = Array.from({ length: 1 + Math.floor(random() * 3) }, row);
    const records = data.map((each) => Object.fromEntries(names.map((name, at) => [name, each[at]])));
    return pick<object>([
      { dataframe_split: { columns: names, data } },
      { dataframe_records: records },
      { instances: records },
    ]);
  };
  /** Breaks a body in one place, as a careless or hostile caller would. */
  const broken = (text: string): string => {
    const at = Math.floor(random() * text.length);
    const with_ = pick([
      ...Array.from('{}[]",:0123456789.-+eE \\ntrufalsé\u0000'),
      "null",
      "1e5",
      "00",
      "[[",
      "]]",
      ',"id":"8"',
    ]);
    return pick([
      text.slice(0, at) + text.slice(at + 1),
      text.slice(0, at) + with_ + text.slice(at),
      text.slice(0, at) + with_ + text.slice(at + 1),
      text.slice(0, at),
      text.slice(0, at) + text.slice(at).replace(",", " ,\n\t"),
    ]);
  };

  function compare(
    make: () => object,
    scan: (body: Buffer) => unknown,
    read: (body: Buffer) => unknown,
  ): void {
    let scanned = 0;
    for (let round = 0; round < 4000; round++) {
      const text = JSON.stringify(make());
      const body = Buffer.from(round % 4 === 0 ? text : broken(text));
      const found = scan(body);
      if (found === undefined) continue;
      scanned += 1;
      assert.deepStrictEqual(found, read(body), body.toString());
    }
    assert.ok(scanned > 1000, `only ${scanned} bodies were scanned`);
  }

  const v2Of =
    (plan: ModelPlan) =>
    (body: Buffer): unknown => {
      const { values, id, outputs: wanted } = readV2Json(plan, body);
      return { values, id, outputs: wanted, parameters: undefined };
    };

  it("of the Open Inference Protocol, columns", () =>
    compare(v2Body, (body) => scanV2(columns, body), v2Of(columns)));
  it("of the Open Inference Protocol, tensors", () =>
    compare(matrixBody, (body) => scanV2(matrix, body), v2Of(matrix)));
  it("of data frames and instances", () =>
    compare(
      frameBody,
      (body) => scanRows(columns, body),
      (body) => {
        const {
          dataframe_split: split,
          dataframe_records: records,
          instances,
        } = asObject(parseJson(body), "body");
        if (split !== undefined) return readSplit(columns, split);
        return records === undefined ? readInstances(columns, instances) : readRecords(columns, records);
      },
    ));
  it("of instances of a tensor", () =>
    compare(
      () => ({ instances: Array.from({ length: 3 }, () => Array.from({ length: 4 }, number)) }),
      (body) => scanRows(matrix, body, true),
      (body) => readInstances(matrix, asObject(parseJson(body), "body")["instances"]),
    ));

  it("have the numbers that JSON.parse has, and no others", () => {
    const scanner = new JsonScanner();
    const read = (text: string, single: boolean): number | undefined => {
      scanner.start(Buffer.from(text));
      const value = scanner.number(single);
      return !scanner.failed && scanner.isAtEnd() ? value : undefined;
    };
    const parse = (text: string): number | undefined => {
      try {
        const value: unknown = JSON.parse(text);
        return typeof value === "number" ? value : undefined;
      } catch {
        return undefined;
      }
    };
    for (let round = 0; round < 50_000; round++) {
      const digits = (most: number): string => String(Math.floor(random() * 10 ** (random() * most)));
      const text =
        pick(["", "-"]) +
        pick([digits(16), digits(21), "0", "00", ""]) +
        pick(["", "", `.${"0".repeat(random() * 4)}${digits(18)}`, "."]) +
        pick(["", "", "", `e${digits(2)}`, `E-${digits(2)}`, "e", "e+"]);
      assert.ok(Object.is(read(text, false), parse(text)), text);
      const [single, double] = [read(text, true), parse(text)];
      assert.ok(
        Object.is(
          single === undefined ? single : Math.fround(single),
          double === undefined ? double : Math.fround(double),
        ),
        text,
      );
    }
    for (const text of [
      "9007199254740993",
      "0.1",
      "123456789012345680000",
      "1.7976931348623157e308",
      "-0",
      "16777217.0000001",
    ])
      assert.ok(Object.is(read(text, false), parse(text)), text);
  });

  it("write float32 numbers that read back the same", () => {
    for (let round = 0; round < 50_000; round++) {
      const value = Math.fround((random() - 0.5) * 10 ** Math.floor(random() * 60 - 30));
      assert.equal(Math.fround(Number(float32Text(value))), value);
    }
    assert.equal(float32Text(Number.NaN), "null");
    assert.equal(float32Text(Number.POSITIVE_INFINITY), "null");
  });
});
