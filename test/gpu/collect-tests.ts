/**
 * @file Mocha's `describe` and `it` for test files that run where there is no mocha: in a packed suite, and in processes
 * with another provider. Hooks are not there; a file that uses one fails to load.
 */

/** A test, and how it went. */
export interface TestResult {
  readonly file: string;
  readonly title: string;
  readonly milliseconds: number;
  /** What it failed with; undefined where it passed. */
  readonly error?: string;
}

interface CollectedTest {
  readonly title: string;
  readonly run: () => unknown;
}

/** Loads a file of tests and runs them one after the other. */
export async function runTestFile(
  file: string,
  load: () => Promise<unknown>,
  report: (result: TestResult) => void,
): Promise<void> {
  for (const { title, run } of await collect(load)) {
    const start = performance.now();
    let failure: { readonly error: string } | undefined;
    try {
      await run();
    } catch (error) {
      failure = { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    }
    report({ file, title, milliseconds: performance.now() - start, ...failure });
  }
}

async function collect(load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  const tests: CollectedTest[] = [];
  const titles: string[] = [];
  const describe = (title: string, define: () => void): void => {
    titles.push(title);
    define();
    titles.pop();
  };
  const it = (title: string, run: () => unknown): { readonly timeout: () => void } => {
    tests.push({ title: [...titles, title].join(": "), run });
    // No test waits for another here: how long one may take matters to mocha alone.
    return { timeout: () => undefined };
  };
  Object.assign(globalThis, { describe, it });
  await load();
  return tests;
}
