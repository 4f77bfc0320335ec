/** @file What a service tells its pipeline threads: both are of one build. Types only. */
import type { Parameters } from "../../inference.ts";
import type { PipelineSource } from "./pipeline-config.ts";

/** What a thread is started with. */
export interface PipelineThreadData extends PipelineSource {
  /** The file of transformers.js. */
  readonly library: string;
  /** Where files that are downloaded are kept. */
  readonly cache: string;
  /** Threads of one operator. */
  readonly threads: number;
}

/** Texts to be computed. */
export interface PipelineTexts {
  readonly texts: readonly string[];
  readonly parameters: Parameters;
  /** Whether the answer is wanted in parts. */
  readonly isStream: boolean;
}

/** To the thread: compute this, or stop what is computed. One call is computed at a time. */
export type PipelineCall = ({ readonly kind: "run" } & PipelineTexts) | { readonly kind: "stop" };
