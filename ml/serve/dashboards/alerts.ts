/** @file What an operator should be told, why, and what to do then. The rules, the runbook and the dashboard's thresholds are made of it. */
import { requirePositive } from "../../settings.ts";
import { InvalidInputError } from "../../errors.ts";

/** From where on something is told. */
export interface AlertThresholds {
  /** The share of calls that fail; 0.05 where absent. */
  readonly errorRate?: number;
  /** The 99th percentile of times in seconds; 0.5 where absent. */
  readonly p99Seconds?: number;
  /** Memory of all processes of an instance in bytes; 2 GiB where absent. */
  readonly memoryBytes?: number;
  /** The name of the scrape job; "tenon" where absent. */
  readonly job?: string;
}

/** An alert and what to do about it. */
export interface Alert {
  readonly name: string;
  readonly expression: string;
  /** How long it must hold, as Prometheus writes it. */
  readonly hold: string;
  readonly severity: "page" | "ticket";
  readonly summary: string;
  /** What it means for callers. */
  readonly meaning: string;
  /** Where to look. */
  readonly look: readonly string[];
  /** What to do. */
  readonly act: readonly string[];
}

/**
 * The alerts of a service.
 * @throws {InvalidInputError} for thresholds that aren't above 0, or a job that isn't a name
 */
export function servingAlerts(thresholds: AlertThresholds = {}): readonly Alert[] {
  const { errorRate = 0.05, p99Seconds = 0.5, memoryBytes = 2 ** 31, job = "tenon" } = thresholds;
  for (const [name, value] of Object.entries({ errorRate, p99Seconds, memoryBytes }))
    requirePositive(name, value);
  if (!/^[\w.-]+$/.test(job))
    throw new InvalidInputError(`job must be a name of letters, digits, _, . and -`);
  const failures = `sum by (model) (rate(nv_inference_request_failure{reason=~"internal|unavailable|deadline"}[5m]))`;
  return [
    {
      name: "TenonDown",
      expression: `up{job="${job}"} == 0`,
      hold: "1m",
      severity: "page",
      summary: "{{ $labels.instance }} does not answer",
      meaning: "Prometheus cannot reach the service's /metrics. Callers probably cannot reach it either.",
      look: ["Does `GET /v2/health/live` answer?", "The process's log and exit code; the machine's memory."],
      act: ["Start it again.", "If it ends while loading, start it with the models before the last change."],
    },
    {
      name: "TenonErrors",
      expression: `${failures} / (${failures} + sum by (model) (rate(nv_inference_request_success[5m]))) > ${errorRate}`,
      hold: "5m",
      severity: "page",
      summary: "{{ $labels.model }} fails {{ $value | humanizePercentage }} of its calls",
      meaning: "The model or what it needs is broken: calls end with status 500, 503 or 504.",
      look: [
        "`nv_inference_request_failure` by `reason`.",
        "The service's log: errors of models stand there with their stack.",
        "Was a version loaded, or the traffic changed, when it began? `GET /admin/v1/traffic/MODEL`.",
      ],
      act: [
        "After a change of version: `POST /admin/v1/traffic/MODEL/rollback`.",
        "Where the reason is `deadline` or `unavailable`, go on with TenonSlow and TenonShedding.",
      ],
    },
    {
      name: "TenonSlow",
      expression: `histogram_quantile(0.99, sum by (le, model_name) (rate(request_predict_seconds_bucket[5m]))) > ${p99Seconds}`,
      hold: "10m",
      severity: "page",
      summary: "The 99th percentile of {{ $labels.model_name }} is {{ $value | humanizeDuration }}",
      meaning: "One call in a hundred waits longer than callers were promised.",
      look: [
        "Do calls wait or compute? `nv_inference_queue_duration_us` beside `nv_inference_compute_infer_duration_us`.",
        "`nodejs_eventloop_lag_p99_seconds`: is the process itself late?",
        "Have calls more rows than before? `nv_inference_count` beside `nv_inference_request_success`.",
      ],
      act: [
        "Add workers or instances.",
        "Lower `maxRows`, so that large calls go to batch scoring.",
        "Roll a slower version back.",
      ],
    },
    {
      name: "TenonShedding",
      expression:
        "sum by (instance) (rate(tenon_refused_total[5m])) + sum by (instance) (rate(tenon_queue_refused_total[5m])) > 0.1",
      hold: "5m",
      severity: "ticket",
      summary: "{{ $labels.instance }} refuses {{ $value | humanize }} calls a second",
      meaning:
        "Callers get status 429 or 503 with Retry-After: more comes than the service can or may answer.",
      look: [
        "`tenon_refused_total` by `reason`: `rate_limit` is one client, `event_loop` is the whole process.",
        "`tenon_queue_length` by `model`.",
      ],
      act: ["Of one client: talk to it, or raise its limit.", "Of all: add workers or instances."],
    },
    {
      name: "TenonCircuitOpen",
      expression: "max by (model, version) (tenon_circuit_open) == 1",
      hold: "1m",
      severity: "page",
      summary: "{{ $labels.model }} is left alone because it kept failing",
      meaning: "Calls are answered by the fallback, or refused with 503.",
      look: ["The log of the minutes before: what did the model fail with?"],
      act: ["Roll back to the version before.", "It closes by itself when trial calls go well."],
    },
    {
      name: "TenonRolledBack",
      expression: "increase(tenon_traffic_rollbacks_total[15m]) > 0",
      hold: "0m",
      severity: "ticket",
      summary: "{{ $labels.instance }} took a version back",
      meaning:
        "A new version did badly by its gates; all calls go to the baseline again. Callers are served.",
      look: ["`GET /admin/v1/traffic`: `rolledBack` says which version and why."],
      act: [
        "Find the cause before the version gets traffic again.",
        "Then set new weights; that clears `rolledBack`.",
      ],
    },
    {
      name: "TenonVersionMissing",
      expression: "max by (instance, model, version) (tenon_traffic_version_missing) > 0",
      hold: "1m",
      severity: "ticket",
      summary: "{{ $labels.model }} has no version {{ $labels.version }}, which its traffic rule names",
      meaning:
        "The version was removed while a rule gave it calls. Callers are served by the other versions.",
      look: ["`GET /admin/v1/traffic/MODEL`: `missing` and `shares`.", "Who removed the version's folder?"],
      act: ["Bring the version back, or set a rule without it: `PUT /admin/v1/traffic/MODEL`."],
    },
    {
      name: "TenonEventLoopLate",
      expression: "nodejs_eventloop_lag_p99_seconds > 0.1",
      hold: "5m",
      severity: "ticket",
      summary: "{{ $labels.instance }} comes {{ $value | humanizeDuration }} late to its work",
      meaning: "Something holds the process for long; all calls wait for it.",
      look: [
        "Large calls of a model that runs in line.",
        "Garbage collection: `nodejs_heap_size_used_bytes`.",
      ],
      act: ["Lower `maxRows`.", "Add workers."],
    },
    {
      name: "TenonMemory",
      expression: `process_resident_memory_bytes{job="${job}"} > ${memoryBytes}`,
      hold: "10m",
      severity: "ticket",
      summary: "{{ $labels.instance }} takes {{ $value | humanize1024 }}B of memory",
      meaning: "The process may soon be ended for want of memory.",
      look: [
        "How many models are loaded?",
        "`tenon_cache_bytes`.",
        "Does it grow without end, or did it jump?",
      ],
      act: [
        "Lower the cache's `maxBytes`, or load fewer models.",
        "With workers: a memory ceiling replaces one after the other.",
      ],
    },
    {
      name: "TenonCaptureDrops",
      expression: "rate(tenon_capture_dropped_rows_total[5m]) > 0",
      hold: "10m",
      severity: "ticket",
      summary: "{{ $labels.instance }} leaves rows out of the capture",
      meaning: "Calls are served, but what is captured of them has gaps.",
      look: ["The log: can files be written? Is the disk full?"],
      act: ["Lower the `share` that is captured, or raise `maxWaitingRows`."],
    },
    {
      name: "TenonShadowDiffers",
      expression:
        "sum by (model, version) (increase(tenon_shadow_different_total[15m])) / sum by (model, version) (increase(tenon_shadow_answers_total[15m])) > 0.01",
      hold: "15m",
      severity: "ticket",
      summary:
        "The shadow {{ $labels.version }} of {{ $labels.model }} differs in {{ $value | humanizePercentage }}",
      meaning: "A version that should answer as the one in use does not. No caller is concerned.",
      look: ["`GET /admin/v1/traffic/MODEL`: by how much do numbers differ?"],
      act: ["Where that was meant, raise the shadow's `tolerance`.", "Else do not send it calls."],
    },
    {
      name: "TenonHanging",
      expression:
        "sum by (instance) (increase(tenon_engine_hangs_total[15m])) > 0 or sum by (instance) (increase(tenon_worker_hangs_total[15m])) > 0",
      hold: "0m",
      severity: "page",
      summary: "{{ $labels.instance }} had {{ $value | humanize }} threads or workers that hung",
      meaning:
        "A model or a handler computed without end. The calls that it had failed; it was replaced, and others are answered.",
      look: [
        "The log names the model's version, or the worker.",
        "Captured calls of that time: are some very large?",
      ],
      act: [
        "Lower `maxRows` and `maxElements`, or raise `maxComputeSeconds` where such calls are meant to be answered.",
        "Roll back what was changed last.",
        "What hangs in native code holds a processor until it is done: restart the process where it doesn't come to an end.",
      ],
    },
    {
      name: "TenonConnectionsRefused",
      expression: "sum by (instance, reason) (rate(tenon_connections_refused_total[5m])) > 0.1",
      hold: "5m",
      severity: "ticket",
      summary: "{{ $labels.instance }} closes {{ $value | humanize }} connections a second as they come",
      meaning: "Clients cannot connect: there are too many connections, or too many of their address.",
      look: [
        "`reason`: `address` is one client or a proxy before all of them, `total` is all together.",
        "`tenon_connections`: do clients open one for each call?",
      ],
      act: [
        "Behind a proxy: set `connections.maxPerAddress` to `connections.max`.",
        "Of all: add workers or instances, or raise `connections.max` and the limit of open files.",
      ],
    },
    {
      name: "TenonWorkersRestart",
      expression: "increase(tenon_worker_restarts_total[15m]) > 3",
      hold: "0m",
      severity: "page",
      summary: "Workers of {{ $labels.instance }} keep ending",
      meaning:
        "Processes that answer calls crash or grow over their ceiling; each takes the calls it was answering with it.",
      look: ["The supervisor's log: exit codes and signals.", "`process_resident_memory_bytes`."],
      act: ["Roll back what was changed last.", "Raise the memory ceiling where models do not fit."],
    },
  ];
}
