/** @file What a pruner is: it looks at what a running trial has reported and says whether to go on. */
import type { Json } from "../journal/extended-json.ts";
import type { Direction, TrialRecord } from "../trial-record.ts";

/** The study that a trial is judged in. */
export interface JudgedStudy {
  readonly name: string;
  readonly direction: Direction;
  /** All trials, the judged one included. */
  readonly trials: readonly TrialRecord[];
}

/** What a pruner says. */
export interface Verdict {
  readonly prune: boolean;
  /** What the pruner must find again at this trial. */
  readonly attributes?: Readonly<Record<string, Json>>;
}

/** Which trials are ended early. */
export interface Pruner {
  readonly kind: string;
  /** Asked after each report of a trial. */
  judge(study: JudgedStudy, trial: TrialRecord): Verdict;
  /** The trials that a sampler may compare a trial of this number with; all where absent. */
  peers?(study: JudgedStudy, number: number): readonly TrialRecord[];
}
