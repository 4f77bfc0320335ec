/** @file `docs/interop.md`: the last result of every suite. A suite that was not run now keeps the row that it had. */
import type { InteropSuite, SuiteResult } from "./interop-suite.ts";

interface Run {
  readonly suite: InteropSuite;
  readonly result: SuiteResult;
}

const nameOfRow = (line: string): string | undefined => /^\| `([^`]+)` /.exec(line)?.[1];

/** The text of the page after these runs; `before` is its text so far, `suites` are all there are, in the page's order. */
export function interopReport(suites: readonly InteropSuite[], runs: readonly Run[], before: string): string {
  const rows = new Map(before.split("\n").map((line) => [nameOfRow(line), line]));
  const today = new Date().toISOString().slice(0, 10);
  for (const { suite, result } of runs) {
    const { name, peer, about } = suite;
    const counts = `${result.passed} | ${result.failed} | ${result.skipped}`;
    rows.set(name, `| \`${name}\` | ${peer} | ${about} | ${counts} | ${today} |`);
  }
  return `# Tenon and other programs

Each suite installs its peer, pinned, into \`build/\` and runs the real thing against what was built: \`npm run interop -- NAME\`, \`core\` for those of every change, or \`all\`; \`--write\` keeps the results here. Linux x64, Node 20.

| suite | peer | what it runs | passed | failed | skipped | last run |
|---|---|---|---|---|---|---|
${suites.flatMap(({ name }) => rows.get(name) ?? []).join("\n")}

## Worth knowing

- papermill has no translator for TypeScript, so it can't inject parameters by itself. Numbers, texts and booleans: \`papermill in.ipynb out.ipynb -p epochs 9 --language .net-csharp\` (what it writes is TypeScript too). Everything else: register a translator as in \`test/interop/papermill/run_with_translator.py\`. \`tenon run in.ipynb --param epochs=9\` needs neither.
`;
}
