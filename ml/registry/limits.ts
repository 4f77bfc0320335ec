/** @file What MLflow takes as names, keys and values: the same limits and messages as its `utils/validation.py`. */
import { posix } from "node:path";
import { invalidParameter } from "./mlflow-error.ts";

const keyLength = 250;
const paramLength = 6000;
const tagLength = 8000;
const experimentNameLength = 500;
const experimentTagLength = 20_000;
const registryTagLength = 100_000;
const aliasLength = 255;

const keyPattern = /^[/\p{L}\p{N}_.\- :]*$/u;

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** A key of a metric, a param or a tag: a relative path without `..` of a few kinds of characters. */
export function requireKey(key: string, path: string): void {
  if (!keyPattern.test(key))
    throw invalidParameter(
      `Invalid value ${JSON.stringify(key)} for parameter '${path}' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    );
  if (!isUniquePath(key))
    throw invalidParameter(
      `Invalid value ${JSON.stringify(key)} for parameter '${path}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to ${JSON.stringify(normalPath(key))}`,
    );
}

/** A metric's key. */
export function requireMetricKey(key: string, path: string): void {
  requireKey(key, path);
  requireLength("Metric name", keyLength, key);
}

/** A param, its value cut to what a store holds, as MLflow cuts it. */
export function checkedParam({ key, value }: KeyValue, path = "key"): KeyValue {
  requireKey(key, path);
  requireLength("Param key", keyLength, key);
  return { key, value: cut(value, paramLength) };
}

/** A run's tag, its value cut to what a store holds. */
export function checkedTag({ key, value }: KeyValue, path = "key"): KeyValue {
  requireKey(key, path);
  requireLength(path, keyLength, key);
  return { key, value: cut(value, tagLength) };
}

/** An experiment's tag. */
export function requireExperimentTag({ key, value }: KeyValue): void {
  requireKey(key, "key");
  requireLength("key", keyLength, key);
  requireLength("value", experimentTagLength, value);
}

/** A tag of a registered model or of a version. */
export function requireRegistryTag({ key, value }: KeyValue): void {
  requireKey(key, "key");
  requireLength("key", keyLength, key);
  requireLength("value", registryTagLength, value);
}

/** An experiment's name. */
export function requireExperimentName(name: string): void {
  if (name === "") throw invalidParameter("Invalid experiment name: ''");
  if (length(name) > experimentNameLength) throw tooLong("name", experimentNameLength);
}

/** A registered model's name. */
export function requireModelName(name: string, parameter = "name"): void {
  if (name.trim() === "") throw invalidParameter(`Missing value for required parameter '${parameter}'.`);
  if (/[/:]/.test(name))
    throw invalidParameter(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  if (!isUniquePath(name))
    throw invalidParameter(
      `Invalid value ${JSON.stringify(name)} for parameter 'name' supplied: it would resolve to another name.`,
    );
}

/** A logged model's name. */
export function requireLoggedModelName(name: string): void {
  if (/[/:.%"']/.test(name))
    throw invalidParameter(
      `Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    );
}

/** A version's number. */
export function parseVersion(version: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(version))
    throw invalidParameter(`Parameter 'version' must be an integer, got '${version}'.`);
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(version)));
}

/** An alias, of a kind that can be set. */
export function requireSettableAlias(alias: string): void {
  requireAlias(alias);
  if (alias.toLowerCase() === "latest")
    throw invalidParameter("'latest' alias name (case insensitive) is reserved.");
  if (/^[vV]\d+$/.test(alias)) throw invalidParameter(`Version alias name '${alias}' is reserved.`);
}

/** An alias. */
export function requireAlias(alias: string): void {
  if (alias === "") throw invalidParameter("Registered model alias name cannot be empty.");
  if (!/^[\p{L}\p{N}_-]*$/u.test(alias))
    throw invalidParameter(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  requireLength("Registered model alias name", aliasLength, alias);
}

/** A run's id, where one is given to log to. */
export function requireRunId(id: string): void {
  if (!/^[a-zA-Z0-9][\w-]{0,255}$/.test(id))
    throw invalidParameter(`Invalid value ${JSON.stringify(id)} for parameter 'run_id' supplied.`);
}

/** Throws MLflow's error where a text has more characters than the limit. */
export function requireLength(name: string, limit: number, value: string): void {
  if (length(value) > limit) throw tooLong(name, limit);
}

function tooLong(name: string, limit: number): Error {
  return invalidParameter(`'${name}' exceeds the maximum length of ${limit} characters`);
}

function cut(value: string, limit: number): string {
  return length(value) > limit ? Array.from(value).slice(0, limit).join("") : value;
}

/** Characters, as Python counts them. */
function length(value: string): number {
  let count = value.length;
  // Only a long text can be too long, and only there pairs of surrogates matter.
  if (count > keyLength) for (const character of value) if (character.length === 2) count -= 1;
  return count;
}

function isUniquePath(name: string): boolean {
  const normal = normalPath(name);
  return normal === name && normal !== "." && !normal.startsWith("..") && !normal.startsWith("/");
}

/** As Python's `posixpath.normpath`, which drops a slash at the end. */
function normalPath(name: string): string {
  const normal = posix.normalize(name);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}
