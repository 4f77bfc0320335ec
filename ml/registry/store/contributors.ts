/**
 * @file Who made runs and logged models and who wrote their files, as far as the server has proved it: the users that it knows.
 * A subject is the id of a run or of a logged model.
 */
import type { Identity } from "../access/identity.ts";
import type { Store } from "./store.ts";

/** Step 5. */
export const contributorTables = `
CREATE TABLE contributors (
  subject TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (subject, name)
) WITHOUT ROWID;
`;

/** Notes that someone made subjects or wrote into them; of a name that isn't proved nothing is noted. */
export async function noteContributor(
  { database }: Store,
  subjects: Iterable<string>,
  { name, verified }: Pick<Identity, "name" | "verified">,
): Promise<void> {
  if (!verified) return;
  for (const subject of subjects)
    await database.run("INSERT INTO contributors VALUES (?, ?) ON CONFLICT DO NOTHING", subject, name);
}

/** Who is noted for any of some subjects. */
export async function contributorsOf(
  { database }: Store,
  subjects: Iterable<string>,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const subject of subjects)
    for (const name of await database.texts("SELECT name FROM contributors WHERE subject = ?", subject))
      found.add(name);
  return found;
}

/**
 * The subjects that a path or a URI names, however it is written: a disk may take capitals for small letters, and a URI may have
 * its letters encoded. Artifacts of runs and of logged models are in folders of their ids, wherever an experiment keeps them.
 */
export function subjectsIn(location: string): ReadonlySet<string> {
  const plain = location.replaceAll(/%(?:25)*([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );
  return new Set(plain.toLowerCase().match(/(?<![\w-])(?:m-)?[0-9a-f]{32}(?![\w-])/g) ?? []);
}
