/**
 * @file How many rows a query will give, as DuckDB's plan has it, where the plan only computes and sorts what one scan
 * reads: whoever reads them makes room for all at once. A few files read as one count as if each were as long as the first,
 * so this is no promise.
 */
import * as v from "valibot";
import type { TableSource } from "./table-source.ts";

const keepsRows = new Set(["PROJECTION", "ORDER_BY"]);
const scans = new Set(["SEQ_SCAN", "TABLE_SCAN", "READ_PARQUET", "PARQUET_SCAN"]);
/** What a scan leaves out, in its description. */
const leavesOut = /filter|sample|limit/i;

interface PlanNode {
  readonly name: string;
  readonly children: readonly PlanNode[];
  readonly extra_info: Readonly<Record<string, unknown>>;
}
const nodeSchema: v.GenericSchema<unknown, PlanNode> = v.object({
  name: v.string(),
  children: v.array(v.lazy(() => nodeSchema)),
  extra_info: v.record(v.string(), v.unknown()),
});
const planSchema = v.tuple([nodeSchema]);

/** The rows that a query is expected to give; undefined where its plan doesn't tell, or DuckDB doesn't explain it. */
export async function expectedRows({ database, sql }: TableSource): Promise<number | undefined> {
  let plan: unknown;
  try {
    const rows = await (await database.ask(`EXPLAIN (FORMAT json) ${sql}`)).getRows();
    plan = JSON.parse(String(rows[0]?.[1]));
  } catch {
    // The query itself is being read: what is wrong with it, that reading says.
    return undefined;
  }
  const parsed = v.safeParse(planSchema, plan);
  return parsed.success ? rowsOf(parsed.output[0]) : undefined;
}

function rowsOf({ name, children, extra_info: info }: PlanNode): number | undefined {
  const [child, ...others] = children;
  if (child !== undefined) return others.length === 0 && keepsRows.has(name) ? rowsOf(child) : undefined;
  if (!scans.has(name.trim()) || Object.keys(info).some((key) => leavesOut.test(key))) return undefined;
  const rows = Number(info["Estimated Cardinality"]);
  return Number.isSafeInteger(rows) ? rows : undefined;
}
