/** @file Which version a command is asked about. */
import * as v from "valibot";
import { askFor, type TrackingApi } from "../../ml/track/tracking-api.ts";
import { CommandFailure, exitCode } from "../failure.ts";

const versionSchema = v.object({
  version: v.pipe(v.union([v.string(), v.number()]), v.transform(String)),
});
const answerSchema = v.object({ model_version: versionSchema });

/**
 * The number of a version that is given as a number, as `@ALIAS`, or not: then the latest.
 * @throws {CommandFailure} where it is none of these
 */
export async function findVersion(
  api: TrackingApi,
  name: string,
  version: string | undefined,
): Promise<string> {
  if (version === undefined || version.startsWith("@")) {
    const alias = version === undefined ? "latest" : version.slice(1);
    return (await askFor(api, answerSchema, "GET", "registered-models/alias", { name, alias })).model_version
      .version;
  }
  if (!/^\d+$/.test(version))
    throw new CommandFailure(
      `a version is a number or @ALIAS, not ${JSON.stringify(version)}`,
      exitCode.usage,
    );
  return version;
}
