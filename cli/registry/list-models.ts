/** @file Does what `tenon models list` is asked. */
import * as v from "valibot";
import { int64 } from "../../ml/track/run-records.ts";
import { askFor } from "../../ml/track/tracking-api.ts";
import type { StoreCommandOptions } from "../commands/store-options.ts";
import { printJson } from "../print-json.ts";
import { Terminal } from "../terminal.ts";
import { formatTime, printTable } from "../text-table.ts";
import { withStore } from "./with-store.ts";

const version = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const pageSchema = v.object({
  registered_models: v.optional(
    v.array(
      v.object({
        name: v.string(),
        description: v.optional(v.string(), ""),
        last_updated_timestamp: v.optional(int64),
        aliases: v.optional(v.array(v.object({ alias: v.string(), version })), []),
        latest_versions: v.optional(v.array(v.object({ version })), []),
      }),
    ),
    [],
  ),
  next_page_token: v.optional(v.string(), ""),
});

/** Lists registered models. @throws {CommandFailure} */
export async function listModels({
  trackingUri,
  json,
  filter = "",
}: StoreCommandOptions & { readonly filter?: string }): Promise<void> {
  const models = await withStore(trackingUri, async (api) => {
    const found: v.InferOutput<typeof pageSchema>["registered_models"] = [];
    for (let token = ""; ;) {
      const page = await askFor(api, pageSchema, "GET", "registered-models/search", {
        filter,
        max_results: 1000,
        ...(token !== "" && { page_token: token }),
      });
      found.push(...page.registered_models);
      token = page.next_page_token;
      if (token === "") return found;
    }
  });
  const shown = models.map((model) => ({
    name: model.name,
    latestVersion: model.latest_versions.toSorted((a, b) => Number(b.version) - Number(a.version))[0]
      ?.version,
    aliases: Object.fromEntries(model.aliases.map((each) => [each.alias, each.version])),
    updated: model.last_updated_timestamp,
    description: model.description,
  }));
  const terminal = new Terminal(process.stdout);
  if (json === true) printJson(terminal, shown);
  else if (shown.length === 0) terminal.line("There are no registered models.");
  else
    printTable(terminal, [
      { title: "NAME", cells: shown.map(({ name }) => name) },
      { title: "LATEST", align: "right", cells: shown.map(({ latestVersion }) => latestVersion) },
      {
        title: "ALIASES",
        cells: shown.map(({ aliases }) =>
          Object.entries(aliases)
            .map(([alias, each]) => `@${alias} ${each}`)
            .join(", "),
        ),
      },
      { title: "UPDATED (UTC)", cells: shown.map(({ updated }) => formatTime(updated)) },
      { title: "DESCRIPTION", cells: shown.map(({ description }) => description) },
    ]);
}
