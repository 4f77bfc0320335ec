/** @file The API of metrics' histories. */
import * as v from "valibot";
import { invalidParameter } from "../mlflow-error.ts";
import { metricHistories, metricHistory, sampledHistories } from "../store/metric-history.ts";
import {
  integer,
  missingParameter,
  optionalText,
  parseRequest,
  requiredText,
  text,
  texts,
} from "./request-schema.ts";
import { get, JsonParts, type Route } from "./router.ts";

const runsPerRequest = 100;
const pointsPerRequest = 25_000;
const sampledPoints = 2500;

/** The answer of points that come in texts, and of a token of the next page. `none`: how it says that there are no points. */
async function* metricsJson(
  points: AsyncGenerator<string, string | undefined | void>,
  none: "passed over" | "empty list",
): AsyncGenerator<string> {
  let before = '{"metrics":[';
  for (;;) {
    const { value, done } = await points.next();
    if (done) {
      const list = before === "," ? "]" : none === "empty list" ? `${before}]` : "{";
      const token = value === undefined ? "" : `,"next_page_token":${JSON.stringify(value)}`;
      yield `${list}${token}}`;
      return;
    }
    yield before + value;
    before = ",";
  }
}

export const metricRoutes: readonly Route[] = [
  get("metrics/get-history", async ({ store, input }) => {
    const schema = v.object({
      run_id: text,
      run_uuid: text,
      metric_key: requiredText,
      max_results: integer,
      page_token: optionalText,
    });
    const asked = parseRequest(schema, input);
    const runId = asked.run_id || asked.run_uuid;
    if (runId === "") throw missingParameter("run_id");
    if (asked.max_results !== undefined && asked.max_results <= 0)
      throw invalidParameter(
        `Invalid value ${asked.max_results} for parameter 'max_results' supplied. It must be a positive integer.`,
      );
    const { metric_key, max_results, page_token } = asked;
    return new JsonParts(
      metricsJson(metricHistory(store, runId, metric_key, max_results, page_token), "passed over"),
    );
  }),
  get("metrics/get-history-bulk", async ({ store, query }) => {
    const runIds = query.getAll("run_id");
    if (runIds.length === 0)
      throw invalidParameter("GetMetricHistoryBulk request must specify at least one run_id.");
    if (runIds.length > runsPerRequest)
      throw invalidParameter(
        `GetMetricHistoryBulk request cannot specify more than ${runsPerRequest} run_ids. Received ${runIds.length} run_ids.`,
      );
    const key = query.get("metric_key");
    if (key === null) throw invalidParameter("GetMetricHistoryBulk request must specify a metric_key.");
    const asked = parseRequest(v.object({ max_results: integer }), Object.fromEntries(query));
    const maxResults = Math.min(asked.max_results ?? pointsPerRequest, pointsPerRequest);
    return new JsonParts(metricsJson(metricHistories(store, runIds, key, maxResults), "empty list"));
  }),
  get("metrics/get-history-bulk-interval", async ({ store, input }) => {
    const schema = v.object({
      run_ids: texts,
      metric_key: requiredText,
      start_step: integer,
      end_step: integer,
      max_results: integer,
    });
    const { run_ids, metric_key, start_step, end_step, max_results } = parseRequest(schema, input);
    if (run_ids.length === 0) throw missingParameter("run_ids");
    if (run_ids.length > runsPerRequest)
      throw invalidParameter(
        `GetMetricHistoryBulkInterval request must specify at most ${runsPerRequest} run_ids. Received ${run_ids.length} run_ids.`,
      );
    const maxResults = max_results ?? sampledPoints;
    if (maxResults < 1 || maxResults > sampledPoints)
      throw invalidParameter(`max_results must be between 1 and ${sampledPoints}.`);
    if ((start_step === undefined) !== (end_step === undefined))
      throw invalidParameter("If either start step or end step are specified, both must be specified.");
    if (start_step !== undefined && end_step !== undefined && start_step > end_step)
      throw invalidParameter(
        `end_step must be greater than start_step. Found start_step=${start_step} and end_step=${end_step}.`,
      );
    const steps =
      start_step === undefined || end_step === undefined ? undefined : ([start_step, end_step] as const);
    const points = sampledHistories(store, run_ids, metric_key, { maxResults, steps });
    return new JsonParts(metricsJson(points, "passed over"));
  }),
];
