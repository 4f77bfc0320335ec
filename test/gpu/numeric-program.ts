/** @file Runs the numeric suite and writes each result as a line of JSON, after one that names the provider. */
import { provider } from "../../ml/graph/shared-runtime.ts";
import { runNumericSuite } from "./numeric-suite.ts";

const write = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

write({ provider: await provider() });
await runNumericSuite(write);
