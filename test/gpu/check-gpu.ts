/**
 * @file `npm run check:gpu`: the numeric suite and training on each GPU provider that works, with PyTorch's figures on the
 * same GPU beside them. `TENON_PROVIDER` names the one provider to check. Ends with 1 where anything failed.
 */
import { parseArgs } from "node:util";
import * as v from "valibot";
import { providers } from "../../ml/graph/runtime/choose-provider.ts";
import { parseProvider, type Provider } from "../../ml/graph/runtime/provider.ts";
import { tryCommand } from "../support/run-command.ts";
import { gpuCaseNames, type GpuCaseName } from "./gpu-cases.ts";
import { knownLimit } from "./known-limits.ts";
import { describeMachine } from "./machine.ts";
import { numericFiles } from "./numeric-suite.ts";
import { programArguments } from "./programs.ts";
import { runNumeric } from "./run-numeric.ts";
import { torchFigures } from "./torch-figures.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "6" },
    cases: { type: "string", default: gpuCaseNames.join(",") },
  },
});
const seconds = v.parse(v.pipe(v.number(), v.gtValue(0)), Number(values.seconds));
const cases = v.parse(v.array(v.picklist(gpuCaseNames)), values.cases.split(","));
const trained = v.object({
  case: v.picklist(gpuCaseNames),
  provider: v.picklist(["cuda", "webgpu", "cpu"]),
  stepsPerSecond: v.number(),
  compileSeconds: v.number(),
  steps: v.number(),
  firstLoss: v.number(),
  lastLoss: v.number(),
});

let failures = 0;
const print = (line = ""): void => void process.stdout.write(`${line}\n`);

for (const line of await describeMachine()) print(line);
print();
const wanted = await providersToCheck();
const torch = wanted.length > 0 ? await torchFigures(cases, seconds) : { missing: "nothing to compare with" };
if ("missing" in torch) print(`PyTorch      none: ${torch.missing}`);
else
  print(`PyTorch      ${torch.machine.torch}, CUDA ${torch.machine.cuda ?? "none"}, ${torch.machine.device}`);
for (const provider of wanted) {
  print();
  print(`=== ${provider}`);
  await checkNumbers(provider);
  for (const name of cases) await checkTraining(provider, name);
}
print();
print(
  failures === 0 && wanted.length > 0
    ? "all passed"
    : wanted.length === 0
      ? "no GPU provider works here"
      : `${failures} failed`,
);
process.exitCode = failures === 0 && wanted.length > 0 ? 0 : 1;

async function providersToCheck(): Promise<readonly Provider[]> {
  const named = process.env["TENON_PROVIDER"];
  if (named !== undefined && named !== "") return [parseProvider(named, "TENON_PROVIDER")];
  const reports = await providers();
  for (const { provider, works, detail } of reports)
    print(`${provider.padEnd(12)} ${works ? "works" : "does not work"}: ${detail}`);
  return reports.filter(({ provider, works }) => works && provider !== "cpu").map(({ provider }) => provider);
}

async function checkNumbers(provider: Provider): Promise<void> {
  for (const file of numericFiles) {
    try {
      const { results } = await runNumeric(file, provider, {});
      const all = results.filter(({ error }) => error !== undefined);
      const reasons = all.map((each) => knownLimit(provider, each));
      const failed = all.filter((_, index) => reasons[index] === undefined);
      print(`${file.padEnd(28)} ${results.length - all.length} of ${results.length} passed`);
      for (const why of new Set(reasons.filter((each) => each !== undefined)))
        print(`  ${reasons.filter((each) => each === why).length} beyond the provider: ${why}`);
      for (const { title, error } of failed) print(`  ${title}\n    ${error}`);
      failures += failed.length;
    } catch (error) {
      print(`${file.padEnd(28)} ${error instanceof Error ? error.message : String(error)}`);
      failures++;
    }
  }
}

async function checkTraining(provider: Provider, name: GpuCaseName): Promise<void> {
  const args = programArguments("training-program", name, `${seconds}`);
  const { code, stdout, stderr } = await tryCommand(process.execPath, args, {
    env: { TENON_PROVIDER: provider },
  });
  if (code !== 0) {
    print(`${name.padEnd(28)} ${stderr.trim().split("\n").at(-1) ?? "failed"}`);
    failures++;
    return;
  }
  const {
    provider: used,
    stepsPerSecond,
    compileSeconds,
    steps,
    firstLoss,
    lastLoss,
  } = v.parse(trained, JSON.parse(stdout));
  const peer = "missing" in torch ? undefined : torch.stepsPerSecond.get(name);
  const ratio =
    peer === undefined ? "" : `, PyTorch ${peer.toFixed(1)}, ratio ${(stepsPerSecond / peer).toFixed(2)}`;
  print(
    `${name.padEnd(28)} ${used === provider ? "" : `on the ${used.toUpperCase()}: `}${stepsPerSecond.toFixed(1)} steps/s${ratio}; ready in ${compileSeconds.toFixed(2)} s; loss ${firstLoss.toFixed(4)} to ${lastLoss.toFixed(4)} in ${steps} steps`,
  );
  if (steps >= 40 && !(lastLoss < firstLoss)) {
    print(`  the loss has not fallen`);
    failures++;
  }
}
