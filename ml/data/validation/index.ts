/** @file Validation: suites of expectations, and what they find in a table. */
export { SuiteError } from "./errors.ts";
export type { Expectation, ResultDetails, ResultValue, Severity } from "./expectation.ts";
export type { ExpectationType } from "./kinds/catalogue.ts";
export type { ExpectationResult, ExceptionInfo, SuiteResult, SuiteStatistics } from "./result.ts";
export { ValidationFailedError } from "./result.ts";
export { allOf, anyOf, where, whereIn, whereNull } from "./row-condition.ts";
export type { ConditionValue, RowCondition } from "./row-condition.ts";
export { parseSuite, suiteVersion } from "./suite-file.ts";
export type { SuiteContent } from "./suite-file.ts";
export { readSuite, suite, Suite } from "./suite.ts";
export { validateSuite } from "./validate.ts";
export type { ValidationOptions } from "./validate.ts";
export { inferSuite } from "./infer/infer-suite.ts";
