import type { Pruner } from "./pruners/pruner.ts";
import type { Sampler } from "./samplers/sampler.ts";
import type { SearchSpace, SpaceParameters } from "./space.ts";
import type { StudyStorage } from "./storage.ts";
import type { Direction } from "./trial-record.ts";

/** How a search goes. */
export interface OptimizeOptions<P extends SpaceParameters = SpaceParameters> {
  readonly space: SearchSpace<P>;
  /** Whether low or high values are good; "minimize" where absent. */
  readonly direction?: Direction;
  /** How the next trial is chosen; `tpeSampler()` where absent. */
  readonly sampler?: Sampler;
  /** Which trials end early; none where absent. */
  readonly pruner?: Pruner;
  /**
   * How many trials the study is to have, whatever became of them; those that the storage has already count. Without it the
   * search goes on until the `timeout`.
   */
  readonly trials?: number;
  /** Seconds after which no trial is begun any more. */
  readonly timeout?: number;
  /** How many trials run at the same time; 1 where absent. */
  readonly parallel?: number;
  /** Where trials are kept; in memory where absent. */
  readonly storage?: StudyStorage;
  /** The study's name in the storage; "study" where absent. A study that is there is gone on with. */
  readonly name?: string;
  /**
   * Which errors of the objective only fail their trial. Any other ends the search, as all do where this is absent. The end
   * of a thread and NaN only ever fail their trial.
   */
  readonly catch?: (error: unknown) => boolean;
  /** Stops the search, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}
