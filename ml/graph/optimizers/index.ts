/** @file Optimizers that run on the CPU outside the graph, and learning-rate schedules. */
export { sgd, type Sgd } from "./sgd.ts";
export { adam, adamW, type Adam, type AdamSettings, type AdamW } from "./adam.ts";
export { rmsProp, type RmsProp } from "./rms-prop.ts";
export { adagrad, type Adagrad } from "./adagrad.ts";
export { lamb, type Lamb } from "./lamb.ts";
export { lion, type Lion } from "./lion.ts";
export type { Optimizer } from "./optimizer.ts";
export { OptimizerState } from "./optimizer-state.ts";
export type { GradientClipping, StepReport } from "./optimizer-state.ts";
export type { SavedOptimizerState } from "./saved-state.ts";
export type { ParameterSpec } from "./parameter-memory.ts";
export { learningRateAt } from "./schedules.ts";
export type {
  ConstantSchedule,
  CosineSchedule,
  ExponentialSchedule,
  LearningRateSchedule,
  OneCycleSchedule,
  PolynomialSchedule,
  StepDecaySchedule,
  WarmUp,
  WarmUpSchedule,
} from "./schedules.ts";
export { OptimizerKernelsError, OptimizerStateError, ParameterMemoryError } from "./errors.ts";
