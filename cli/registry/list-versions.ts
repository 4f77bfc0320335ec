/** @file Does what `tenon models versions` is asked. */
import * as v from "valibot";
import { int64 } from "../../ml/track/run-records.ts";
import { askFor } from "../../ml/track/tracking-api.ts";
import type { StoreCommandOptions } from "../commands/store-options.ts";
import { printJson } from "../print-json.ts";
import { Terminal } from "../terminal.ts";
import { formatTime, printTable } from "../text-table.ts";
import { withStore } from "./with-store.ts";

const version = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const modelSchema = v.object({
  registered_model: v.object({
    aliases: v.optional(v.array(v.object({ alias: v.string(), version })), []),
  }),
});
const pageSchema = v.object({
  model_versions: v.optional(
    v.array(
      v.object({
        version,
        current_stage: v.optional(v.string(), "None"),
        creation_timestamp: v.optional(int64),
        run_id: v.optional(v.string(), ""),
        description: v.optional(v.string(), ""),
        source: v.optional(v.string(), ""),
      }),
    ),
    [],
  ),
  next_page_token: v.optional(v.string(), ""),
});

/** Lists the versions of a model, the latest first. @throws {CommandFailure} */
export async function listVersions(name: string, { trackingUri, json }: StoreCommandOptions): Promise<void> {
  const shown = await withStore(trackingUri, async (api) => {
    const { registered_model: model } = await askFor(api, modelSchema, "GET", "registered-models/get", {
      name,
    });
    const found: v.InferOutput<typeof pageSchema>["model_versions"] = [];
    for (let token = ""; ;) {
      const page = await askFor(api, pageSchema, "GET", "model-versions/search", {
        // MLflow's filters know no escapes; a text with one kind of quotes stands in the other.
        filter: `name = ${name.includes("'") ? `"${name}"` : `'${name}'`}`,
        max_results: 1000,
        ...(token !== "" && { page_token: token }),
      });
      found.push(...page.model_versions);
      token = page.next_page_token;
      if (token === "") break;
    }
    return found
      .toSorted((a, b) => Number(b.version) - Number(a.version))
      .map((each) => ({
        version: each.version,
        aliases: model.aliases.filter((alias) => alias.version === each.version).map(({ alias }) => alias),
        stage: each.current_stage,
        created: each.creation_timestamp,
        run: each.run_id,
        source: each.source,
        description: each.description,
      }));
  });
  const terminal = new Terminal(process.stdout);
  if (json === true) printJson(terminal, shown);
  else if (shown.length === 0) terminal.line(`${name} has no versions.`);
  else
    printTable(terminal, [
      { title: "VERSION", align: "right", cells: shown.map((each) => each.version) },
      {
        title: "ALIASES",
        cells: shown.map(({ aliases }) => aliases.map((alias) => `@${alias}`).join(", ")),
      },
      { title: "STAGE", cells: shown.map(({ stage }) => (stage === "None" ? "" : stage)) },
      { title: "CREATED (UTC)", cells: shown.map(({ created }) => formatTime(created)) },
      { title: "RUN", cells: shown.map(({ run }) => run) },
      { title: "DESCRIPTION", cells: shown.map(({ description }) => description) },
    ]);
}
