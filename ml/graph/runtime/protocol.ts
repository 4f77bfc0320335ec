/** @file What a runtime and its worker thread say to each other. Both are of one release: there is no version. */
import type { RandomDraw } from "../random-source.ts";
import type { Provider } from "./provider.ts";
import type { TensorData } from "./tensor-data.ts";

/** A float32 tensor that the worker draws for the run. */
export interface Drawn extends RandomDraw {
  readonly shape: readonly number[];
}

/** A tensor as a run takes it: its elements, the number of one that the worker keeps, or how to draw it. */
export type Fed = TensorData | number | Drawn;

/** What the runtime asks. */
export type Request =
  | {
      readonly kind: "load";
      readonly program: number;
      readonly model: Uint8Array;
      readonly provider: Provider;
      readonly threads: number;
    }
  | {
      readonly kind: "run";
      readonly program: number;
      readonly feeds: Readonly<Record<string, Fed>>;
      /** Each output that is wanted: null to be sent back, or the number under which the worker keeps it. */
      readonly outputs: Readonly<Record<string, number | null>>;
    }
  | { readonly kind: "fetch"; readonly stored: number }
  | { readonly kind: "free"; readonly stored: readonly number[] }
  | { readonly kind: "unload"; readonly program: number }
  | { readonly kind: "stop" };

/** A request with its number, to which the answer refers. */
export interface Numbered {
  readonly id: number;
  readonly request: Request;
}

/** What an answer holds. A run answers with the elements asked for and with the types of the kept ones. */
export interface Result {
  readonly tensors: Readonly<Record<string, TensorData>>;
}

/** What the worker answers. */
export type Answer =
  { readonly id: number; readonly result: Result } | { readonly id: number; readonly error: string };
