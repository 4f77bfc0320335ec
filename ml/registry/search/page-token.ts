/** @file Page tokens: the number of results before the page, as MLflow writes it. */
import * as v from "valibot";
import { invalidParameter } from "../mlflow-error.ts";

const tokenSchema = v.object({ offset: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) });

/** The token of a page that begins after this many results. */
export function pageToken(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString("base64");
}

/** How many results come before the page; none without a token. Throws MLflow's error for what is no token. */
export function offsetOf(token: string | undefined): number {
  if (!token) return 0;
  try {
    return v.parse(tokenSchema, JSON.parse(Buffer.from(token, "base64").toString("utf8"))).offset;
  } catch (error) {
    throw Object.assign(invalidParameter("Invalid page token, could not base64-decode"), { cause: error });
  }
}

/** A page of results. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | undefined;
}

/** The page of `found`, which was asked for one more than the page holds. */
export function pageOf<T>(found: readonly T[], offset: number, size: number): Page<T> {
  const more = found.length > size;
  return {
    items: more ? found.slice(0, size) : found,
    nextPageToken: more ? pageToken(offset + size) : undefined,
  };
}
