import { type AuditEntry, chainHash, type ChainedEntry, noHash, parseEntry } from "./audit-entry.ts";
import type { AuditHead } from "./audit-head.ts";

/** Something that an untouched log doesn't have. */
export interface AuditProblem {
  readonly kind: "changed" | "gap" | "truncated";
  /** The entry that it was seen at. */
  readonly sequence: number;
  /** In words. */
  readonly message: string;
}

/** A deletion whose end isn't entered: it is under way, or the server ended before or after the deed. */
export interface OpenDeletion {
  /** The entry that began it. */
  readonly sequence: number;
  /** What was to be deleted. */
  readonly path: string;
}

/** What was found of a log. */
export interface AuditVerification {
  readonly intact: boolean;
  readonly entries: number;
  /** The hash of the last entry; 64 zeros where there is none. */
  readonly hash: string;
  readonly problems: readonly AuditProblem[];
  /** What was begun and has no end: nothing that was changed, but something to look at. */
  readonly unfinished: readonly OpenDeletion[];
}

/** What a log is held against. */
export interface ChainExpectation {
  /** What the store says that the last entry is; as a function, asked behind the last entry. */
  readonly last?: LogPosition | (() => LogPosition) | undefined;
  /** What was exported before. */
  readonly head?: LogPosition | undefined;
}

/** An entry's number and hash; 0 and zeros where there is none. */
export type LogPosition = Pick<AuditHead, "sequence" | "hash">;

/** No more problems than these are told. */
const mostProblems = 100;

/**
 * Goes through a log from its first entry and tells what was changed (an entry, its hash or its place), left out or cut off.
 * Against a head it finds a log that ends earlier, and one that was written anew behind what the head knew. Without a head
 * a log whose end was removed together with the store's note of it passes.
 */
export async function verifyChain(
  entries: AsyncIterable<ChainedEntry> | Iterable<ChainedEntry>,
  { last: expected, head }: ChainExpectation = {},
): Promise<AuditVerification> {
  const problems: AuditProblem[] = [];
  const report = (kind: AuditProblem["kind"], sequence: number, message: string): void => {
    if (problems.length < mostProblems) problems.push({ kind, sequence, message });
  };
  const begun = new Map<number, string>();
  let previous = noHash;
  let sequence = 0;
  let count = 0;
  for await (const found of entries) {
    count += 1;
    if (found.sequence !== sequence + 1)
      report("gap", sequence + 1, gapMessage(sequence + 1, found.sequence));
    // Behind a gap nobody knows what was before: one problem is told, not two.
    else if (chainHash(previous, found.text) !== found.hash)
      report("changed", found.sequence, `entry ${found.sequence} or its hash was changed`);
    const entry = parseEntry(found.text);
    if (entry?.sequence !== found.sequence)
      report(
        "changed",
        found.sequence,
        `entry ${found.sequence} holds ${entry ? "another's number" : "no entry"}`,
      );
    if (head?.sequence === found.sequence && head.hash !== found.hash)
      report("changed", found.sequence, `entry ${found.sequence} is not the one that the head was made of`);
    if (entry) noteDeletion(begun, entry);
    previous = found.hash;
    sequence = found.sequence;
  }
  const last = typeof expected === "function" ? expected() : expected;
  if (head && head.sequence > sequence)
    report(
      "truncated",
      sequence,
      `the log ends at entry ${sequence}, and the head was made at ${head.sequence}`,
    );
  if (last && last.sequence > sequence)
    report("truncated", sequence, `the log ends at entry ${sequence}, and ${last.sequence} were entered`);
  else if (last && (last.sequence !== sequence || last.hash !== previous))
    report("changed", sequence, `the last entry is not the one that was entered last`);
  const unfinished = [...begun].map(([at, path]) => ({ sequence: at, path }));
  return { intact: problems.length === 0, entries: count, hash: previous, problems, unfinished };
}

/** Keeps the deletions that were begun and have no end yet. Those of earlier releases were entered at their end alone. */
function noteDeletion(begun: Map<number, string>, { action, sequence, details }: AuditEntry): void {
  const path = details?.["path"];
  if (action === "artifact.delete-begun") begun.set(sequence, typeof path === "string" ? path : "");
  else if (action === "artifact.delete" || action === "artifact.delete-failed")
    begun.delete(Number(details?.["begun"]));
}

function gapMessage(expected: number, found: number): string {
  if (found < expected) return `entry ${found} stands where ${expected} belongs`;
  return expected === found - 1
    ? `entry ${expected} is missing`
    : `entries ${expected} to ${found - 1} are missing`;
}
