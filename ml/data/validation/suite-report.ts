/** @file The parts of a validation's result, in the form of Great Expectations. */
import type { Expectation, ResultDetails } from "./expectation.ts";

/** Whether an expectation could not be evaluated, and why. */
export interface ExceptionInfo {
  readonly raised_exception: boolean;
  readonly exception_message: string | null;
}

/** How one expectation came out. */
export interface ExpectationResult {
  readonly success: boolean;
  readonly expectation_config: Expectation;
  readonly result: ResultDetails;
  readonly exception_info: ExceptionInfo;
}

/** How many expectations there were and were met. */
export interface SuiteStatistics {
  readonly evaluated_expectations: number;
  readonly successful_expectations: number;
  readonly unsuccessful_expectations: number;
  /** Null without expectations. */
  readonly success_percent: number | null;
}

/** What a validation found, to be shown. */
export interface SuiteReport {
  readonly suite_name: string;
  readonly results: readonly ExpectationResult[];
  readonly statistics: SuiteStatistics;
}
