import type { InteropSuite, SuiteResult } from "./interop-suite.ts";

interface Run {
  readonly suite: InteropSuite;
  readonly result: SuiteResult;
}

/** The text of `docs/interop.md`. */
export function interopReport(runs: readonly Run[]): string {
  const rows = runs.map(
    ({ suite: { name, peer, about }, result }) =>
      `| \`${name}\` | ${peer} | ${about} | ${result.passed} | ${result.failed} | ${result.skipped} |`,
  );
  return `# Tenon and other programs

Written by \`npm run interop -- all --write\` on ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${process.platform} ${process.arch}. Each suite installs its peer, pinned, into \`build/\` and runs the real thing against what was built.

| suite | peer | what it runs | passed | failed | skipped |
|---|---|---|---|---|---|
${rows.join("\n")}

## Worth knowing

- papermill has no translator for TypeScript, so it can't inject parameters by itself. Numbers, texts and booleans: \`papermill in.ipynb out.ipynb -p epochs 9 --language .net-csharp\` (what it writes is TypeScript too). Everything else: register a translator as in \`test/interop/papermill/run_with_translator.py\`. \`tenon run in.ipynb --param epochs=9\` needs neither.
`;
}
