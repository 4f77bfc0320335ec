/** @file Takes snapshots of a folder, each of other content, until it is killed. Prints the id of each that was taken. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { snapshot } from "../../../ml/data-versions/index.ts";

const [source = "", store = "", seed = ""] = process.argv.slice(2);
for (let round = 0; ; round += 1) {
  await writeFile(join(source, "changing.txt"), `${seed} ${round}`.repeat(100_000));
  const { id } = await snapshot(source, { store });
  process.stdout.write(`${id}\n`);
}
