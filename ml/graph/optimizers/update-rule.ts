/** @file What an optimizer is to the state that runs it; each optimizer's file makes its rule. */
import type { Kernels } from "./kernels.ts";
import type { ParameterMemory } from "./parameter-memory.ts";

/** How parameters move, on kernels and a memory. */
export interface UpdateRule {
  /** The names of the numbers that are kept for each entry of a parameter. */
  readonly slots: readonly string[];
  /** What the slots hold before the first step. */
  readonly initial: number;
  /** Moves all parameters once against finite gradients; `step` counts from 1. */
  readonly apply: (kernels: Kernels, memory: ParameterMemory, step: number, learningRate: number) => void;
}
