/** @file The audit log in the store: entries are added in the transaction that they tell of, and never changed. */
import type { Database } from "../../store/database.ts";
import type { Actor } from "../actor.ts";
import { type AuditEvent, chainHash, type ChainedEntry, entryText, noHash } from "./audit-entry.ts";
import { type AuditVerification, type LogPosition, verifyChain } from "./verify-chain.ts";

/** Entries that are read at a time. */
const pageSize = 1000;

/**
 * Enters what someone did, and gives the entry's number. Inside a transaction it is a part of that one: what happened and its
 * entry are there both or neither.
 */
export async function appendAudit(database: Database, actor: Actor, event: AuditEvent): Promise<number> {
  return database.write(async () => {
    await database.lock("audit");
    const last = await lastEntry(database);
    const sequence = last.sequence + 1;
    const at = new Date().toISOString();
    const text = entryText({ ...event, sequence, at, actor });
    const hash = chainHash(last.hash, text);
    await database.run("INSERT INTO audit_entries VALUES (?, ?, ?)", sequence, text, hash);
    await database.run("DELETE FROM audit_last");
    await database.run("INSERT INTO audit_last VALUES (1, ?, ?)", sequence, hash);
    return sequence;
  });
}

/** What the store says was entered last; number 0 where nothing was. */
export async function lastEntry(database: Database): Promise<LogPosition> {
  const row = await database.row("SELECT sequence, hash FROM audit_last WHERE only_row = 1");
  return row ? { sequence: Number(row[0]), hash: String(row[1]) } : { sequence: 0, hash: noHash };
}

/** Entries behind a number, in their order. */
export async function readEntries(
  database: Database,
  after: number,
  limit: number,
): Promise<readonly ChainedEntry[]> {
  const rows = await database.rows(
    "SELECT sequence, entry, hash FROM audit_entries WHERE sequence > ? ORDER BY sequence LIMIT ?",
    after,
    limit,
  );
  return rows.map(([sequence, text, hash]) => ({
    sequence: Number(sequence),
    text: String(text),
    hash: String(hash),
  }));
}

/** All entries behind a number, read page by page. */
export async function* allEntries(
  behind: number,
  read: (after: number, limit: number) => Promise<readonly ChainedEntry[]>,
): AsyncGenerator<ChainedEntry> {
  for (let after = behind; ;) {
    const page = await read(after, pageSize);
    yield* page;
    const last = page.at(-1);
    if (page.length < pageSize || !last) return;
    after = last.sequence;
  }
}

/** Where a log is read. */
export interface LogReader {
  /** Entries behind a number, in their order, up to so many. */
  readonly entries: (after: number, limit: number) => Promise<readonly ChainedEntry[]>;
  /** What the store says was entered last. */
  readonly last: () => Promise<LogPosition>;
}

/**
 * Verifies a log that others may add to meanwhile, against a head that was exported before where one is given: see
 * {@link verifyChain}. The last entry is asked for behind the others, and what was entered between is read up to it.
 */
export async function verifyLog(reader: LogReader, head?: LogPosition): Promise<AuditVerification> {
  let last: LogPosition = { sequence: 0, hash: noHash };
  const read = async function* (): AsyncGenerator<ChainedEntry> {
    let after = 0;
    for await (const entry of allEntries(0, reader.entries)) {
      after = entry.sequence;
      yield entry;
    }
    last = await reader.last();
    if (last.sequence <= after) return;
    for await (const entry of allEntries(after, reader.entries)) {
      if (entry.sequence > last.sequence) return;
      yield entry;
    }
  };
  return verifyChain(read(), { last: () => last, head });
}

/** Verifies the log of a store: see {@link verifyLog}. */
export async function verifyAudit(database: Database, head?: LogPosition): Promise<AuditVerification> {
  const entries = async (after: number, limit: number): Promise<readonly ChainedEntry[]> =>
    readEntries(database, after, limit);
  return verifyLog({ entries, last: () => lastEntry(database) }, head);
}
