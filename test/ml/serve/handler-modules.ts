/** @file Modules of handlers, written to a folder, for tests of their threads. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type URL, pathToFileURL } from "node:url";

const signature = `{
  inputs: [{ name: "x", type: "float64", dtype: "float64", required: true }],
  outputs: [{ name: "y", type: "float64" }],
}`;

/** Writes `NAME.mjs`, whose default export is a handler from x to y with these methods. */
export function writeHandlerModule(folder: string, name: string, methods: string, before = ""): URL {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `${before}\nexport default { name: ${JSON.stringify(name)}, signature: ${signature},\n${methods} };\n`,
  );
  return pathToFileURL(file);
}

/** A call of such a handler, as JSON; a value for each row. */
export function handlerCall(...x: number[]): object {
  return { inputs: [{ name: "x", shape: [x.length], datatype: "FP64", data: x }] };
}
