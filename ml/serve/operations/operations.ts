/**
 * @file A service in operation: everything between the protocols and the models, in one order, from one file of settings.
 *
 * A call is first observed and traced, then let in (grants, overload, rate, size, queue), then given a version (traffic), and last
 * answered (circuit, cache, model). What refuses comes before what costs, and an answer that is there at once stays so.
 */
import type { Administered } from "../admin/admin-routes.ts";
import { PredictionCache, type SharedCache } from "../cache/cached-infer.ts";
import { openRedisCache } from "../cache/redis-cache.ts";
import { Capture } from "../capture/capture.ts";
import type { ConnectionTimes } from "../connection-times.ts";
import type { Infer, InferenceService } from "../inference.ts";
import { admittedInfer } from "../limits/admission.ts";
import { breakingInfer } from "../limits/breaking-infer.ts";
import { boundedInfer } from "../limits/complexity.ts";
import { ConnectionLimit } from "../limits/connection-limit.ts";
import { LoopDelay, sheddingInfer } from "../limits/loop-delay.ts";
import { admitAtRate, RateLimiter } from "../limits/rate-limiter.ts";
import { InferenceMetrics } from "../observe/inference-metrics.ts";
import { type MetricSnapshot, Metrics } from "../observe/metrics.ts";
import { type CallObserver, observedInfer } from "../observe/observed-infer.ts";
import { OtlpExporter } from "../observe/otlp-exporter.ts";
import { addProcessMetrics } from "../observe/process-metrics.ts";
import { RequestLog } from "../observe/request-log.ts";
import { tracedInfer } from "../observe/traced-infer.ts";
import { AdminAudit } from "../security/admin-audit.ts";
import { grantedInfer } from "../security/grants.ts";
import { ModelService } from "../service/model-service.ts";
import type { ServingOptions } from "../start-serving.ts";
import { readRules, RulesFile } from "../traffic/rules-file.ts";
import { Traffic, type TrafficChange } from "../traffic/traffic.ts";
import { type Identity, openIdentity, openTls } from "./identity.ts";
import { operationsRoute } from "./operations-route.ts";
import { addConnectionMetrics, addRulesMetrics } from "./rules-metrics.ts";
import type { LimitSettings, OperationsSettings } from "./settings.ts";

/** What surrounds a service in operation. */
export interface OperationsHooks {
  /** Told of errors that are the service's own. */
  readonly onError: (error: unknown) => void;
  /** Told of what an operator should see to, in a line; printed to stderr where absent. */
  readonly onWarning?: (warning: string) => void;
  /** The metrics of all processes; those of this one where absent. */
  readonly collect?: (own: readonly MetricSnapshot[]) => Promise<MetricSnapshot[]>;
  /** Told when the traffic rules change. */
  readonly onTraffic?: (change: TrafficChange) => void;
  /** Told when an administrator had cached answers forgotten. */
  readonly onInvalidate?: (model: string, version: string | undefined) => void;
}

/** A service in operation. */
export interface Operations {
  /** For {@link startServing}. */
  readonly serving: Pick<
    ServingOptions,
    | "admit"
    | "wrappers"
    | "routes"
    | "authenticate"
    | "authenticateGrpc"
    | "tls"
    | "onListener"
    | "connectionTimes"
    | "replyTimeout"
    | "onHang"
  >;
  readonly metrics: Metrics;
  /** Which versions answer; undefined before the service has started. */
  readonly traffic: Traffic | undefined;
  /** Forgets cached answers of this process. */
  invalidate(model: string, version: string | undefined): Promise<void>;
  /** Who calls; undefined where nobody is asked. */
  readonly identity: Identity | undefined;
  /** Writes what waits and lets go of what was opened; after the service was closed. */
  close(): Promise<void>;
}

/**
 * Opens what a service's settings ask for.
 * @throws {InvalidInputError} that names the file or field, where something can't be had
 */
export async function openOperations(
  settings: OperationsSettings,
  hooks: OperationsHooks,
): Promise<Operations> {
  const { limits, security, trafficRules } = settings;
  const { onError } = hooks;
  const closes: (() => void | Promise<void>)[] = [];
  const metrics = new Metrics();
  const inferenceMetrics = new InferenceMetrics(metrics);
  closes.push(addProcessMetrics(metrics));
  const loop = new LoopDelay(limits.maxEventLoopDelayMilliseconds);
  closes.push(() => loop.close());

  const identity = await openIdentity(security, onError);
  if (identity) closes.push(() => identity.close());
  const tls = security.tls && (await openTls(security.tls, onError));
  if (tls) closes.push(() => tls.close());
  const audit = security.audit === undefined ? undefined : await AdminAudit.open(security.audit);
  if (audit) closes.push(() => audit.close());
  const rules = trafficRules === undefined ? undefined : await readRules(trafficRules);
  const rulesFile = trafficRules === undefined ? undefined : new RulesFile(trafficRules);
  const shared = await openShared(settings.cache?.redis, onError);
  if (shared) closes.push(() => shared.close());
  const capture = settings.capture && new Capture(settings.capture, onError);
  if (capture) closes.push(() => capture.close());
  const exporter = openExporter(settings.tracing);
  if (exporter) closes.push(() => exporter.close());
  const log = settings.logRequests ? new RequestLog(process.stdout) : undefined;
  if (log) closes.push(() => log.close());
  const rateLimiter = limits.rateLimit && new RateLimiter(limits.rateLimit);
  const { max, maxPerAddress = Math.ceil(max / 4) } = limits.connections;
  const connections = new ConnectionLimit({ max, maxPerAddress });
  addConnectionMetrics(metrics, connections);
  const hangs = metrics.counter(
    "tenon_engine_hangs_total",
    "Threads of models that were replaced because they did not reply.",
  );

  let running: Administered | undefined;

  const wrap = (next: Infer, service: InferenceService): Infer => {
    const isModel = (model: string): boolean => service.modelNames().includes(model);
    const cache = settings.cache && openCache(settings.cache, service, shared);
    const cached = cache ? cache.wrap(next) : next;
    const { infer: broken, circuits } = breakingInfer(cached, {
      // A version that a caller made up must leave nothing behind.
      settings: (model, version) =>
        service.isModelReady(model, version) ? (limits.models[model]?.circuit ?? limits.circuit) : undefined,
      lastAnswer: cache?.lastAnswer,
    });
    const traffic = new Traffic(broken, {
      ...(service instanceof ModelService && { presence: service }),
      onMissing: (model, versions) => {
        const body = `${model} has no version ${versions.join(", ")}, which its traffic rule names: other versions answer`;
        (hooks.onWarning ?? console.warn)(body);
        exporter?.record({
          time: Date.now(),
          severity: "warn",
          body,
          attributes: { "tenon.model": model },
        });
      },
      onChange: (change) => {
        rulesFile?.write(traffic.rules).catch(onError);
        if (change.reason !== undefined)
          exporter?.record({
            time: Date.now(),
            severity: "warn",
            body: `${change.model} was rolled back: ${change.reason}`,
            attributes: { "tenon.model": change.model },
          });
        hooks.onTraffic?.(change);
      },
    });
    if (rules) traffic.adopt(rules);
    closes.push(() => traffic.close());
    const { infer: admitted, admissions } = admittedInfer(traffic.infer, (model) =>
      isModel(model) ? admissionOf(limits, model) : undefined,
    );
    let infer = boundedInfer(admitted, limits);
    infer = sheddingInfer(infer, loop);
    if (identity) infer = grantedInfer(infer);
    if (exporter && settings.tracing)
      infer = tracedInfer(infer, { share: settings.tracing.share, onSpan: (span) => exporter.span(span) });
    addRulesMetrics(metrics, { admissions, circuits, traffic, loop, rateLimiter, cache, capture, exporter });
    for (const model of service.modelNames())
      for (const version of service.metadata(model, undefined).versions)
        inferenceMetrics.loaded(model, version);
    metrics.beforeSnapshot(() => {
      if (!(service instanceof ModelService)) return;
      for (const model of service.modelNames())
        for (const version of service.versionsOf(model)) {
          const counts = service.executionsOf(model, version);
          if (counts) inferenceMetrics.executed(model, version, counts);
        }
    });
    running = { service, traffic, cache, onInvalidate: hooks.onInvalidate };
    const observers: CallObserver[] = [inferenceMetrics];
    if (log) observers.push(log);
    if (capture) observers.push(capture);
    return observedInfer(infer, observers);
  };

  return {
    serving: {
      wrappers: [wrap],
      routes: [
        operationsRoute({
          administered: () => running,
          callerOf: identity?.callerOf,
          collect: async () => {
            const own = metrics.snapshot();
            return (await hooks.collect?.(own)) ?? own;
          },
          audit,
          isTls: tls !== undefined,
          hasDebug: settings.debug,
          onError,
        }),
      ],
      ...(identity && {
        authenticate: identity.authenticate,
        authenticateGrpc: identity.authenticateGrpc,
      }),
      ...(rateLimiter && { admit: admitAtRate(rateLimiter) }),
      connectionTimes: timesOf(limits.connections),
      replyTimeout: limits.maxComputeSeconds * 1000,
      onHang: (error) => {
        hangs.value += 1;
        (hooks.onWarning ?? console.warn)(error.message);
      },
      ...(tls && { tls: tls.tls }),
      onListener: (listener) => {
        connections.guard(listener);
        tls?.onListener(listener);
      },
    },
    metrics,
    get traffic() {
      return running?.traffic;
    },
    invalidate: async (model, version) => {
      await running?.cache?.invalidate(model, version);
    },
    identity,
    close: async () => {
      for (const close of closes.toReversed()) await close();
    },
  };
}

function admissionOf(limits: LimitSettings, model: string): { maxConcurrency: number; maxQueue: number } {
  const own = limits.models[model];
  return {
    maxConcurrency: own?.maxConcurrency ?? limits.maxConcurrency ?? 1024,
    maxQueue: own?.maxQueue ?? limits.maxQueue ?? 4096,
  };
}

/** In milliseconds, only what was set. */
function timesOf(settings: LimitSettings["connections"]): Partial<ConnectionTimes> {
  const { headSeconds: head, requestSeconds: request, idleSeconds: idle, unreadSeconds: unread } = settings;
  return Object.fromEntries(
    Object.entries({ head, request, idle, unread }).flatMap(([name, seconds]) =>
      seconds === undefined ? [] : [[name, seconds * 1000]],
    ),
  );
}

function openCache(
  { models, maxBytes }: NonNullable<OperationsSettings["cache"]>,
  service: InferenceService,
  shared: SharedCache | undefined,
): PredictionCache {
  const times = new Map(Object.entries(models).map(([model, { ttlSeconds }]) => [model, ttlSeconds]));
  return new PredictionCache({
    ttlSeconds: (model) => times.get(model),
    maxBytes,
    shared,
    resolve: (model, version) => {
      if (!(service instanceof ModelService) || !service.has(model, version)) return undefined;
      // One that was let go of is loaded first: its version isn't known here.
      if (service.whenLoaded(model, version)) return undefined;
      const loaded = service.find(model, version);
      return { version: loaded.version, packageId: loaded.packageId, loaded };
    },
  });
}

async function openShared(
  url: string | undefined,
  onError: (error: unknown) => void,
): Promise<SharedCache | undefined> {
  return url === undefined ? undefined : openRedisCache(url, onError);
}

function openExporter(tracing: OperationsSettings["tracing"]): OtlpExporter | undefined {
  if (!tracing) return undefined;
  const { endpoint, headers, serviceName } = tracing;
  return new OtlpExporter({
    endpoint,
    headers,
    resource: { "service.name": serviceName, "process.pid": process.pid },
  });
}
