/** @file `FILE`: runs a file of the numeric suite; each result is a line of JSON, after one that names the provider. */
import { bestProvider } from "../../ml/graph/runtime/choose-provider.ts";
import { runNumericFile } from "./numeric-suite.ts";

const write = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

write({ provider: await bestProvider() });
await runNumericFile(process.argv[2] ?? "", write);
