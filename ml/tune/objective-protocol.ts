/** @file What a search and the threads of its objective say to each other. */
import * as v from "valibot";
import type { Json } from "./journal/extended-json.ts";

/** What a thread is told. */
export type ToThread =
  | { readonly kind: "run"; readonly number: number; readonly settings: unknown }
  /** The answer to a call: nothing, or why it failed. */
  | { readonly kind: "answer"; readonly call: number; readonly failed?: Failure };

const failureSchema = v.object({ name: v.string(), message: v.string(), stack: v.optional(v.string()) });

/** An error that crosses to another thread. */
export type Failure = v.InferOutput<typeof failureSchema>;

/** What a thread says. */
export const fromThreadSchema = v.variant("kind", [
  v.object({ kind: v.literal("ready") }),
  v.object({ kind: v.literal("unusable"), reason: v.string() }),
  v.object({
    kind: v.literal("report"),
    number: v.number(),
    call: v.number(),
    value: v.unknown(),
    step: v.unknown(),
  }),
  v.object({
    kind: v.literal("setUserAttribute"),
    number: v.number(),
    call: v.number(),
    key: v.string(),
    value: v.custom<Json>((value) => value !== undefined),
  }),
  v.object({ kind: v.literal("done"), value: v.unknown() }),
  v.object({ kind: v.literal("failed"), failure: failureSchema }),
]);

/** What a thread says. */
export type FromThread = v.InferOutput<typeof fromThreadSchema>;

/** An error as it crosses. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack } = error;
  return { name, message, ...(stack !== undefined && { stack }) };
}

/** The error that crossed. */
export function errorOf({ name, message, stack }: Failure): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
