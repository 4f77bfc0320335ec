/** @file A table to learn from, and what is read of the trees that are made of it. */
import { fromArrays } from "../../../ml/data/index.ts";
import { leaves, type Tree } from "../../../ml/graph/trees.ts";
import type { Dataset, Stream } from "../../../ml/nn/index.ts";
import { LinearCongruential } from "../../support/linear-congruential.ts";

const homes = ["other", "owner", "rent"] as const;

/** Applicants, those bad who are young and pay rent; one income in ten is missing. */
export async function applicants(rows: number) {
  const random = new LinearCongruential(1);
  const row = Int32Array.from({ length: rows }, (_, at) => at);
  const age = Float64Array.from(row, () => 20 + 50 * random.uniform());
  const income = Array.from(row, () => (random.uniform() < 0.1 ? null : 1000 * random.uniform()));
  const home = Array.from(row, (): string => homes[random.below(3)] ?? "other");
  const bad = Array.from(age, (years, at) => years < 40 && home[at] === "rent");
  return await fromArrays({ row, age, income, home, bad });
}

/** The numbers of a tree's tensors, by path. */
export async function numbersOf(tree: Tree): Promise<Readonly<Record<string, readonly number[]>>> {
  const found = leaves(tree).map(
    async ([path, tensor]) => [path, Array.from(await tensor.data(), Number)] as const,
  );
  return Object.fromEntries(await Promise.all(found));
}

/** The numbers of a dataset's columns, by path. */
export async function columnsOf(data: Dataset<Tree>): Promise<Readonly<Record<string, readonly number[]>>> {
  const columns = await data.columns();
  return Object.fromEntries(
    Object.entries(columns).map(([name, { data: array }]) => [
      name.replace(/^batch /, ""),
      Array.from(array, Number),
    ]),
  );
}

/** What a tensor of a stream holds in an epoch, in the order in which it comes. */
export async function streamed(
  stream: Stream<Tree>,
  epoch: number,
  path = "features",
): Promise<readonly number[]> {
  const numbers: number[] = [];
  for await (const { columns } of stream.epoch(epoch))
    numbers.push(...Array.from(columns[`batch ${path}`]?.data ?? [], Number));
  return numbers;
}
