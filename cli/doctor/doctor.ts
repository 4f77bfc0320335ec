/** @file Does what `tenon doctor` is asked: looks at everything, prints what it found and what to do. */
import type { DoctorOptions } from "../commands/doctor.ts";
import { exitCode } from "../failure.ts";
import { type Installation, findInstallation } from "../installation.ts";
import { Terminal } from "../terminal.ts";
import { checkGpu } from "./check-gpu.ts";
import { checkJupyter, checkKernel } from "./check-jupyter.ts";
import { checkMachine } from "./check-machine.ts";
import { checkModules, checkNode } from "./check-modules.ts";
import type { Finding } from "./finding.ts";

/** Examines this machine; resolves with the exit code. */
export async function examine(options: DoctorOptions): Promise<number> {
  const installation = findInstallation();
  const terminal = new Terminal(process.stdout);
  const findings: Finding[] = [];
  const json = options.json === true;
  if (!json) terminal.line(`Tenon ${installation.version} in ${installation.root}`);
  for (const check of checks(installation)) {
    const found = await check();
    if (!json) print(terminal, found, findings.at(-1)?.group);
    findings.push(...found);
  }
  const healthy = findings.every(({ essential, status }) => !essential || status !== "missing");
  if (json) {
    const { version, root } = installation;
    console.log(JSON.stringify({ healthy, version, root, findings }, undefined, 2));
  } else {
    terminal.line();
    terminal.line(
      healthy
        ? terminal.style("green", "The essentials work.")
        : terminal.style("red", "Something essential is missing; do what is said above and try again."),
    );
  }
  return healthy ? exitCode.ok : exitCode.failed;
}

function checks(installation: Installation): (() => Finding[] | Promise<Finding[]>)[] {
  return [
    () => [checkNode(installation)],
    () => checkModules(installation),
    async () => [await checkKernel(installation)],
    () => checkGpu(installation),
    checkMachine,
    checkJupyter,
  ];
}

function print(
  terminal: Terminal,
  findings: readonly Finding[],
  previous: Finding["group"] | undefined,
): void {
  const marks = {
    ok: terminal.style("green", "ok     "),
    warning: terminal.style("yellow", "note   "),
    missing: terminal.style("red", "missing"),
  };
  let last = previous;
  for (const { group, name, status, detail, advice } of findings) {
    if (group !== last) terminal.line(`\n${terminal.style("bold", group)}`);
    last = group;
    terminal.line(`  ${marks[status]}  ${name}: ${detail}`);
    if (advice !== undefined) terminal.line(`           → ${advice}`);
  }
}
