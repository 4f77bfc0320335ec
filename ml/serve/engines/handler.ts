/** @file Models that are programs: what a service's owner writes to answer in TypeScript. Types, and the check of what one gives. */
import { InvalidInputError } from "../../errors.ts";
import { parseSignature, type ModelSignature } from "../../package/signature.ts";
import type { InferenceService, Parameters, TensorElements } from "../inference.ts";

/** What a handler gives for an output: the elements of all rows in order, with a shape where its sizes aren't known before. */
export type HandlerOutput =
  | TensorElements
  | readonly (string | number | bigint | boolean)[]
  | {
      readonly shape: readonly number[];
      readonly data: TensorElements | readonly (string | number | bigint | boolean)[];
    };

/** Outputs by name. */
export type HandlerOutputs = Readonly<Record<string, HandlerOutput>>;

/** What a handler is asked. */
export interface HandlerCall {
  readonly rows: number;
  /** The elements of each input by name: of columns the values of all rows, NaN and "" for what is missing. */
  readonly inputs: Readonly<Record<string, TensorElements>>;
  readonly parameters: Parameters;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal | undefined;
  /** When the answer is of no more use, in milliseconds of `performance.now()`. */
  readonly deadline: number;
  /** The other models of the service, for steps before and after them. */
  readonly models: InferenceService["infer"];
}

/** A model that is a program. It has `predict`, or `stream` for answers that come in parts, or both. */
export interface Handler {
  readonly name: string;
  /** "1" where absent. */
  readonly version?: string;
  readonly signature: ModelSignature;
  readonly predict?: (call: HandlerCall) => HandlerOutputs | Promise<HandlerOutputs>;
  readonly stream?: (call: HandlerCall) => AsyncIterable<HandlerOutputs>;
  readonly close?: () => void | Promise<void>;
}

/**
 * A handler out of what a module gives.
 * @throws {@link InvalidInputError} that says what it hasn't
 */
export function parseHandler(value: unknown): Handler {
  const given: Partial<Record<keyof Handler, unknown>> =
    typeof value === "object" && value !== null ? value : {};
  const { name, version, predict, stream } = given;
  if (typeof name !== "string" || !/^[^/:\s]+$/.test(name))
    throw new InvalidInputError("a handler needs a name without spaces, slashes and colons");
  if (version !== undefined && typeof version !== "string")
    throw new InvalidInputError(`the handler ${name} needs a text as its version`);
  if (typeof predict !== "function" && typeof stream !== "function")
    throw new InvalidInputError(`the handler ${name} has neither predict nor stream`);
  const signature = parseSignature(given.signature);
  // SAFETY: its parts were just seen to be a handler's; what its functions give is checked at each call.
  return { ...(value as Handler), signature };
}
