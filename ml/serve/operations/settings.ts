/** @file The settings of a service in operation, as a file of JSON has them. Paths in it start from the file's folder. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { grantSchema } from "../security/grants.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const text = v.pipe(v.string(), v.nonEmpty());

const fallbackSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("model"), model: text, version: v.optional(text) }),
  v.strictObject({ kind: v.literal("cached") }),
]);

const circuitSchema = v.strictObject({
  failureRate: v.optional(v.pipe(share, v.gtValue(0)), 0.5),
  minimumRequests: v.optional(count, 20),
  windowSeconds: v.optional(positive, 10),
  openSeconds: v.optional(positive, 5),
  trialRequests: v.optional(count, 3),
  fallback: v.optional(fallbackSchema),
});

const boundsSchema = {
  maxConcurrency: v.optional(count),
  maxQueue: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  circuit: v.optional(circuitSchema),
};

const limitsSchema = v.strictObject({
  ...boundsSchema,
  /** Bounds of models that differ from the others'. */
  models: v.optional(v.record(text, v.strictObject(boundsSchema)), {}),
  rateLimit: v.optional(
    v.strictObject({ requestsPerSecond: positive, burst: count, maxClients: v.optional(count, 100_000) }),
  ),
  connections: v.optional(
    v.strictObject({
      max: v.optional(count, 10_000),
      /** A quarter of all where absent. */
      maxPerAddress: v.optional(count),
      headSeconds: v.optional(positive),
      requestSeconds: v.optional(positive),
      idleSeconds: v.optional(positive),
      unreadSeconds: v.optional(positive),
    }),
    {},
  ),
  maxRows: v.optional(count, 100_000),
  maxElements: v.optional(count, 10_000_000),
  maxComputeSeconds: v.optional(positive, 60),
  maxEventLoopDelayMilliseconds: v.optional(positive, 1000),
});

const securitySchema = v.strictObject({
  keys: v.optional(text),
  tokens: v.optional(v.strictObject({ jwks: text, issuer: text, audience: text })),
  certificates: v.optional(v.array(v.strictObject({ commonName: text, grants: v.array(grantSchema) })), []),
  tls: v.optional(v.strictObject({ cert: text, key: text, clientCa: v.optional(text) })),
  audit: v.optional(text),
});

const settingsSchema = v.strictObject({
  limits: v.optional(limitsSchema, {}),
  security: v.optional(securitySchema, {}),
  /** Where traffic rules are kept. */
  trafficRules: v.optional(text),
  cache: v.optional(
    v.strictObject({
      models: v.record(text, v.strictObject({ ttlSeconds: positive })),
      maxBytes: v.optional(count),
      redis: v.optional(text),
    }),
  ),
  capture: v.optional(
    v.strictObject({
      folder: text,
      share,
      redact: v.optional(v.record(text, v.array(text))),
      maxWaitingRows: v.optional(count),
      flushSeconds: v.optional(positive),
    }),
  ),
  tracing: v.optional(
    v.strictObject({
      endpoint: v.pipe(v.string(), v.url()),
      share: v.optional(share, 0.01),
      headers: v.optional(v.record(text, v.string())),
      serviceName: v.optional(text, "tenon"),
    }),
  ),
  /** Whether each call has a line in the log. */
  logRequests: v.optional(v.boolean(), false),
  /** Whether `GET /debug/state` answers. */
  debug: v.optional(v.boolean(), false),
});

/** How a service is operated. */
export type OperationsSettings = v.InferOutput<typeof settingsSchema>;
/** The same before defaults. */
export type OperationsInput = v.InferInput<typeof settingsSchema>;
export type LimitSettings = OperationsSettings["limits"];

/**
 * Settings with their defaults.
 * @throws {InvalidInputError} that names the field, for what are no settings
 */
export function parseOperations(input: unknown): OperationsSettings {
  const result = v.safeParse(settingsSchema, input, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new InvalidInputError(`the settings: ${v.getDotPath(issue) ?? "they"}: ${issue.message}`);
}

/**
 * The settings of a file.
 * @throws {InvalidInputError} for a file that can't be read or holds something else
 */
export async function readOperations(path: string): Promise<OperationsSettings> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new InvalidInputError(`${path} cannot be read as JSON`, { cause });
  }
  return withPaths(parseOperations(content), dirname(resolve(path)));
}

function withPaths(settings: OperationsSettings, folder: string): OperationsSettings {
  const at = (path: string): string => resolve(folder, path);
  const { security, capture, trafficRules } = settings;
  const { keys, tokens, tls, audit } = security;
  return {
    ...settings,
    ...(trafficRules !== undefined && { trafficRules: at(trafficRules) }),
    ...(capture && { capture: { ...capture, folder: at(capture.folder) } }),
    security: {
      ...security,
      ...(keys !== undefined && { keys: at(keys) }),
      ...(audit !== undefined && { audit: at(audit) }),
      ...(tokens && !/^https?:/.test(tokens.jwks) && { tokens: { ...tokens, jwks: at(tokens.jwks) } }),
      ...(tls && {
        tls: {
          cert: at(tls.cert),
          key: at(tls.key),
          ...(tls.clientCa !== undefined && { clientCa: at(tls.clientCa) }),
        },
      }),
    },
  };
}
