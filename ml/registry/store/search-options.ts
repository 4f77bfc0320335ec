/** @file What every search is asked for. */
import type { Sql } from "./database.ts";

export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";

export interface SearchOptions {
  /** In MLflow's filter language; empty for everything. */
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly maxResults: number;
  readonly pageToken: string | undefined;
  readonly viewType: ViewType;
}

/** The condition that a row of a table, which has a `lifecycle_stage`, is among those looked at. */
export function stagesOf(table: string, viewType: ViewType): Sql {
  if (viewType === "ALL") return { text: "TRUE", values: [] };
  const stage = viewType === "ACTIVE_ONLY" ? "active" : "deleted";
  return { text: `${table}.lifecycle_stage = ?`, values: [stage] };
}
