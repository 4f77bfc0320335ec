/** @file A growing list of expectations: each step gives a new one, so that running a cell again adds nothing twice. */
import { SuiteError } from "../errors.ts";
import type { Expectation } from "../expectation.ts";
import type { ExpectationType } from "../kinds/catalogue.ts";
import { expectationProblems } from "../suite-file.ts";
import { suiteArguments, type CommonOptions } from "./arguments.ts";

/** Expectations; `Self` is what each step gives. */
export abstract class ExpectationList<Self> {
  readonly expectations: readonly Expectation[];

  protected constructor(expectations: readonly Expectation[]) {
    this.expectations = expectations;
  }

  /** The same with other expectations. */
  protected abstract with(expectations: readonly Expectation[]): Self;

  /** @throws {@link SuiteError} for arguments that a suite can't hold */
  protected add(type: ExpectationType, options: CommonOptions & Readonly<Record<string, unknown>>): Self {
    const { severity, meta, ...others } = options;
    const expectation = {
      type,
      kwargs: suiteArguments(others),
      ...(severity === undefined ? {} : { severity }),
      ...(meta === undefined ? {} : { meta }),
    };
    const problems = expectationProblems(expectation);
    if (problems.length > 0) throw new SuiteError(`${type}: ${problems.join("; ")}`);
    return this.with([...this.expectations, expectation]);
  }
}
