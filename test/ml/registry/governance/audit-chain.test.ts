import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { generateSigningKeys } from "../../../../ml/package/signing/index.ts";
import {
  chainHash,
  type ChainedEntry,
  entryText,
  noHash,
  parseEntry,
} from "../../../../ml/registry/governance/audit/audit-entry.ts";
import { signHead, verifyHead } from "../../../../ml/registry/governance/audit/audit-head.ts";
import { verifyChain } from "../../../../ml/registry/governance/audit/verify-chain.ts";
import { canonicalJson } from "../../../../ml/registry/governance/canonical-json.ts";

/** A log of some entries. */
function log(length: number, from = "risk"): readonly ChainedEntry[] {
  const entries: ChainedEntry[] = [];
  let hash = noHash;
  for (let sequence = 1; sequence <= length; sequence++) {
    const text = entryText({
      sequence,
      at: "2026-11-26T20:00:00.000Z",
      actor: { name: "ann", verified: true },
      action: "alias.set",
      model: from,
      version: String(sequence),
      alias: "champion",
      details: { reasons: ["ü", { deep: [1, null] }] },
    });
    hash = chainHash(hash, text);
    entries.push({ sequence, text, hash });
  }
  return entries;
}

const problems = async (
  entries: readonly ChainedEntry[],
  head?: ChainedEntry,
): Promise<readonly string[]> => {
  const found = await verifyChain(entries, { head });
  assert.equal(found.intact, found.problems.length === 0);
  return found.problems.map(({ kind, sequence }) => `${kind} ${sequence}`);
};

describe("Canonical JSON", () => {
  it("is RFC 8785's text", () => {
    // The example of the RFC's section 3.2.3 and the numbers of its appendix B.
    const sorted = { "\u20AC": 1, "\r": 2, "\uFB33": 3, "1": 4, "\u{1F600}": 5, "\u0080": 6, "\u00F6": 7 };
    assert.equal(canonicalJson(sorted), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\uFB33":3}');
    assert.equal(
      canonicalJson([333_333_333.333_333_3, 1e30, 4.5, 2e-3, 1e-27, -0, 9_007_199_254_740_994]),
      "[333333333.3333333,1e+30,4.5,0.002,1e-27,0,9007199254740994]",
    );
    assert.equal(canonicalJson({ b: [true, null], a: undefined }), '{"b":[true,null]}');
    for (const value of [Number.NaN, Infinity, "\uD800", { "\uDC00": 1 }, ["a\uDC00\uD800"]])
      assert.throws(() => canonicalJson(value), { name: "InvalidInputError" });
    assert.equal(canonicalJson("😀"), '"😀"');
  });
});

describe("An audit log's chain", () => {
  it("holds what was entered", async () => {
    const entries = log(3);
    assert.deepEqual(parseEntry(entries[1]?.text ?? ""), {
      sequence: 2,
      at: "2026-11-26T20:00:00.000Z",
      actor: { name: "ann", verified: true },
      action: "alias.set",
      model: "risk",
      version: "2",
      alias: "champion",
      details: { reasons: ["ü", { deep: [1, null] }] },
    });
    const found = await verifyChain(entries, { head: entries[1], last: entries[2] });
    assert.deepEqual(found, {
      intact: true,
      entries: 3,
      hash: entries[2]?.hash,
      problems: [],
      unfinished: [],
    });
    assert.deepEqual(await verifyChain([]), {
      intact: true,
      entries: 0,
      hash: noHash,
      problems: [],
      unfinished: [],
    });
  });

  it("shows what was changed, left out, moved, cut off and written anew", async () => {
    const entries = log(6);
    const [first, second, third, fourth] = entries;
    assert.ok(first && second && third && fourth);
    const changed = { ...third, text: third.text.replace('"ann"', '"eve"') };
    assert.deepEqual(await problems(entries.with(2, changed)), ["changed 3"]);
    // A changed entry with a hash that is right for it breaks the next one.
    const rehashed = { ...changed, hash: chainHash(second.hash, changed.text) };
    assert.deepEqual(await problems(entries.with(2, rehashed)), ["changed 4"]);
    assert.deepEqual(await problems(entries.toSpliced(2, 2)), ["gap 3"]);
    assert.deepEqual(await problems(entries.toSpliced(0, 1)), ["gap 1"]);
    assert.deepEqual(await problems([first, second, { ...fourth, sequence: 3 }]), ["changed 3", "changed 3"]);
    assert.deepEqual(await problems([first, third, second, fourth]), ["gap 2", "gap 4", "gap 3"]);
    assert.deepEqual(await problems(entries.slice(0, 4)), []);
    assert.deepEqual(await problems(entries.slice(0, 4), entries[5]), ["truncated 4"]);
    assert.deepEqual(await problems([], entries[0]), ["truncated 0"]);
    assert.deepEqual(await problems(log(9, "other"), entries[5]), ["changed 6"]);
    const last = await verifyChain(entries.slice(0, 4), { last: entries[5] });
    assert.deepEqual(
      last.problems.map(({ kind }) => kind),
      ["truncated"],
    );
    const anew = await verifyChain(log(6, "other"), { last: entries[5] });
    assert.deepEqual(
      anew.problems.map(({ message }) => message),
      ["the last entry is not the one that was entered last"],
    );
  });

  it("has a head that keys of both kinds sign, and nobody else", () => {
    const head = { sequence: 6, hash: "a".repeat(64), at: "2026-11-26T20:00:00.000Z" };
    const pem = { publicKeyEncoding: { type: "spki", format: "pem" } } as const;
    const edwards = generateKeyPairSync("ed25519", {
      ...pem,
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" },
    });
    const curve = generateSigningKeys();
    const signed = signHead(head, curve.privateKey);
    assert.deepEqual(verifyHead(signed, curve.publicKey), head);
    assert.deepEqual(verifyHead(signHead(head, edwards.privateKey, "secret"), edwards.publicKey), head);
    const refused = (text: string, key: string, message: RegExp): void =>
      assert.throws(() => verifyHead(text, key), { name: "SignatureError", message });
    refused(signed, generateSigningKeys().publicKey, /signed by another key/);
    refused(signed, edwards.publicKey, /signed by another key/);
    refused(signed, curve.privateKey, /this is a private key/);
    refused("{", curve.publicKey, /it is no JSON/);
    refused("{}", curve.publicKey, /this is no signed head of an audit log: payload/);
    const envelope = JSON.parse(signed) as { readonly payload: string };
    const payload = Buffer.from(
      Buffer.from(envelope.payload, "base64").toString().replace('"sequence":6', '"sequence":5'),
    ).toString("base64");
    refused(JSON.stringify({ ...envelope, payload }), curve.publicKey, /is not valid for this key/);
    const rsa = generateKeyPairSync("rsa", {
      ...pem,
      modulusLength: 1024,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    assert.throws(() => signHead(head, rsa.privateKey), /it must be on P-256/);
    assert.throws(() => signHead(head, edwards.privateKey), /private key can't be read/);
  });

  it("tells deletions that were begun and have no end, those of earlier releases have one", async () => {
    const entries: ChainedEntry[] = [];
    let hash = noHash;
    for (const [action, details] of [
      ["artifact.delete", { path: "old" }],
      ["artifact.delete-begun", { path: "a" }],
      ["artifact.delete-begun", { path: "b" }],
      ["artifact.delete-begun", { path: "c" }],
      ["artifact.delete", { path: "a", begun: 2 }],
      ["artifact.delete-failed", { path: "c", begun: 4, reason: "EACCES" }],
    ] as const) {
      const sequence = entries.length + 1;
      const actor = { name: "ann", verified: true };
      const text = entryText({ sequence, at: "2026-11-26T20:00:00.000Z", actor, action, details });
      hash = chainHash(hash, text);
      entries.push({ sequence, text, hash });
    }
    const { intact, unfinished } = await verifyChain(entries);
    assert.deepEqual([intact, unfinished], [true, [{ sequence: 3, path: "b" }]]);
  });
});
