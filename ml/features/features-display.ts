/** @file How a notebook shows fitted features: a row for each route. */
import type { QueryResult } from "../data/query-result.ts";
import { tableHtml, tableText } from "../data/table-display.ts";
import type { MimeBundle } from "../notebook-host.ts";
import { featureNames, type FittedRoute } from "./fitted-route.ts";

const columns: QueryResult["columns"] = [
  { name: "columns", type: "VARCHAR" },
  { name: "transformers", type: "VARCHAR" },
  { name: "features", type: "INTEGER" },
  { name: "names", type: "VARCHAR" },
];
const shownNames = 6;

/** Columns, transformers and features of each route, and of the steps on all of them, as a table. */
export function featuresBundle(routes: readonly FittedRoute[], piped: FittedRoute): MimeBundle {
  const shown = piped.steps.length === 0 ? routes : [...routes, piped];
  const rows = shown.map((route) => {
    const names = featureNames(route);
    const more = names.length > shownNames ? ", …" : "";
    return {
      columns: route === piped ? "(all features)" : route.columns.join(", "),
      transformers: route.steps.map(({ kind }) => kind).join(" → "),
      features: names.length,
      names: `${names.slice(0, shownNames).join(", ")}${more}`,
    };
  });
  return { "text/html": tableHtml(columns, rows), "text/plain": tableText(columns, rows) };
}
