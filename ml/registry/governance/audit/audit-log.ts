/** @file The audit log in the store: entries are added in the transaction that they tell of, and never changed. */
import type { Database } from "../../store/database.ts";
import type { Actor } from "../actor.ts";
import { type AuditEvent, chainHash, type ChainedEntry, entryText, noHash } from "./audit-entry.ts";
import type { AuditHead } from "./audit-head.ts";
import { type AuditVerification, verifyChain } from "./verify-chain.ts";

/** Entries that are read at a time. */
const pageSize = 1000;

/**
 * Enters what someone did. Inside a transaction it is a part of that one: what happened and its entry are there both or
 * neither.
 */
export async function appendAudit(database: Database, actor: Actor, event: AuditEvent): Promise<void> {
  await database.write(async () => {
    await database.lock("audit");
    const last = await lastEntry(database);
    const sequence = last.sequence + 1;
    const at = new Date().toISOString();
    const text = entryText({ ...event, sequence, at, actor });
    const hash = chainHash(last.hash, text);
    await database.run("INSERT INTO audit_entries VALUES (?, ?, ?)", sequence, text, hash);
    await database.run("DELETE FROM audit_last");
    await database.run("INSERT INTO audit_last VALUES (1, ?, ?)", sequence, hash);
  });
}

/** What the store says was entered last; number 0 where nothing was. */
export async function lastEntry(database: Database): Promise<Pick<AuditHead, "sequence" | "hash">> {
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

/** Verifies the log of a store, against a head that was exported before where one is given: see {@link verifyChain}. */
export async function verifyAudit(
  database: Database,
  head?: Pick<AuditHead, "sequence" | "hash">,
): Promise<AuditVerification> {
  const last = await lastEntry(database);
  const entries = allEntries(0, (after, limit) => readEntries(database, after, limit));
  return verifyChain(entries, { last, head });
}
