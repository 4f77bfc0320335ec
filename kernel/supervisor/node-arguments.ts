/** @file How the child's Node is started. */

/** Command-line options of the child's Node. */
export function nodeArguments(): string[] {
  return [
    // Local modules are linked by the child itself, so that they can be compiled and reloaded.
    "--experimental-vm-modules",
    // The notebook's folder, not the kernel's, is where packages are looked for.
    "--experimental-import-meta-resolve",
    // An interrupt may stop a callback; see kernel/child/async-hooks-guard.ts.
    "--no-force-async-hooks-checks",
    "--disable-warning=ExperimentalWarning",
  ];
}

/**
 * The child's environment: colours, since frontends show them; no telemetry of ONNX Runtime, whoever imports it; large
 * arrays in huge pages, where glibc is the C library and Linux gives them to those who ask.
 */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const child = { ORT_DISABLE_TELEMETRY: "1", ...env, GLIBC_TUNABLES: withHugePages(env["GLIBC_TUNABLES"]) };
  if ((env["NO_COLOR"] ?? "") !== "" || env["FORCE_COLOR"] !== undefined) return child;
  return { ...child, FORCE_COLOR: "1" };
}

const hugePages = "glibc.malloc.hugetlb";

/** Products of matrices take a tenth less time without the misses of small pages. Who has set it keeps it. */
function withHugePages(tunables = ""): string {
  if (tunables.includes(hugePages)) return tunables;
  return tunables === "" ? `${hugePages}=1` : `${tunables}:${hugePages}=1`;
}
