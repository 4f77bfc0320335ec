/** @file Texts as features: scikit-learn's numbers, by DuckDB and JavaScript, as ONNX, and out of JSON. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { openDatabase, type Database, type Table } from "../../../ml/data/index.ts";
import { tableSource, type TableSource } from "../../../ml/data/table-source.ts";
import {
  columns,
  countVectorizer,
  from,
  hashingVectorizer,
  imputer,
  loadFeatures,
  oneHot,
  selectKBest,
  standardScaler,
  tfidfVectorizer,
  truncatedSvd,
  varianceThreshold,
  type FittedFeatures,
  type Steps,
} from "../../../ml/features/index.ts";
import { murmurHash } from "../../../ml/features/text/murmur-hash.ts";
import { lowerCase, wordsOf, wordsSql } from "../../../ml/features/text/words.ts";
import { Random } from "../../../ml/random.ts";
import { readReference } from "../reference.ts";
import { assertSameFeatures } from "./assert-features.ts";
import { referenceTable } from "./reference-table.ts";
import { runOnnx } from "./run-onnx.ts";

const matrix = v.array(v.array(v.number()));
const range = v.tuple([v.number(), v.number()]);
const options = v.object({
  binary: v.exactOptional(v.boolean()),
  lowercase: v.exactOptional(v.boolean()),
  ngrams: v.exactOptional(range),
  stopWords: v.exactOptional(v.array(v.string())),
  minDocuments: v.exactOptional(v.number()),
  maxDocuments: v.exactOptional(v.number()),
  maxFeatures: v.exactOptional(v.number()),
  norm: v.exactOptional(v.picklist(["l1", "l2", "none"])),
  sublinear: v.exactOptional(v.boolean()),
  idf: v.exactOptional(v.picklist(["plain", "none"])),
  features: v.exactOptional(v.number()),
  alternateSign: v.exactOptional(v.boolean()),
});
const reference = readReference(
  "features-text",
  v.object({
    texts: v.array(v.string()),
    later: v.array(v.string()),
    labels: v.array(v.boolean()),
    cases: v.array(
      v.object({
        name: v.string(),
        step: v.picklist(["count", "tfidf", "hashing", "svd", "chi2"]),
        options,
        terms: v.nullable(v.array(v.string())),
        expected: matrix,
        expectedLater: matrix,
      }),
    ),
  }),
);
const steps: Readonly<Record<string, (given: v.InferOutput<typeof options>) => Steps>> = {
  count: countVectorizer,
  tfidf: tfidfVectorizer,
  hashing: hashingVectorizer,
  svd: () => [tfidfVectorizer(), truncatedSvd({ components: 3 })],
  chi2: () => [countVectorizer(), selectKBest("chi2", 5)],
};

describe("texts as features", () => {
  let database: Database;
  let texts: TableSource;
  let later: TableSource;
  before(async () => {
    database = await openDatabase();
    texts = await referenceTable(database, "texts", {
      text: { type: "VARCHAR", values: reference.texts },
      label: { type: "VARCHAR", values: reference.labels.map((each) => (each ? "yes" : "no")) },
    });
    later = await referenceTable(database, "later", { text: { type: "VARCHAR", values: reference.later } });
  });
  after(() => database.close());

  for (const { name, step, options: given, terms, expected, expectedLater } of reference.cases) {
    it(`${name}, as scikit-learn`, async () => {
      const fitted = await columns({ text: steps[step]?.(given) ?? countVectorizer() }).fit(texts, {
        target: "label",
      });
      if (step === "count" || step === "tfidf")
        assert.deepEqual(
          fitted.names,
          terms?.map((term) => `text: ${term}`),
        );
      const { data, rows } = await fitted.transform(texts);
      assert.equal(rows, expected.length);
      assertSameFeatures(data, expected.flat());
      assertSameFeatures((await fitted.transform(later)).data, expectedLater.flat(), "later texts");
      await assertSameElsewhere(fitted, texts);
      await assertSameElsewhere(fitted, later);
    });
  }

  it("takes missing texts as empty ones", async () => {
    const table = await tableSource(
      database,
      "FROM (VALUES ('good film', 1), (NULL, 2), ('', 3)) AS t(text, n)",
    );
    const fitted = await columns({ text: tfidfVectorizer(), n: standardScaler() }).fit(table);
    assert.deepEqual(fitted.names, ["text: film", "text: good", "n"]);
    const { data } = await fitted.transform(table);
    assert.deepEqual(
      Array.from(data, (each) => each > 0).filter((_, at) => at % 3 !== 2),
      [true, true, false, false, false, false],
    );
    await assertSameElsewhere(fitted, table);
    const empty = await tableSource(database, "FROM (VALUES ('', 1), ('', 2)) AS t(text, n)");
    for (const step of [countVectorizer(), tfidfVectorizer({ ngrams: [1, 2] })])
      await assert.rejects(columns({ text: step }).fit(empty), /column "text" has no terms left/);
    await assertSameElsewhere(fitted, empty);
    const hashed = await columns({ text: hashingVectorizer({ features: 4 }) }).fit(empty);
    assert.deepEqual(
      [...(await hashed.transform(empty)).data],
      Array.from({ length: 8 }, () => 0),
    );
    await assertSameElsewhere(hashed, empty);
  });

  it("stands behind what fills missing texts", async () => {
    const table = await tableSource(database, "FROM (VALUES ('good film'), (NULL), ('bad film')) AS t(text)");
    const chain: Steps = [
      imputer({ constant: "no review" }),
      tfidfVectorizer(),
      truncatedSvd({ components: 2 }),
    ];
    const fitted = await columns({ text: chain, words: from("text", chain[0], countVectorizer()) }).fit(
      table,
    );
    assert.deepEqual(fitted.names.slice(2), [
      "text: bad",
      "text: film",
      "text: good",
      "text: no",
      "text: review",
    ]);
    const { data } = await fitted.transform(table);
    assert.deepEqual([...data.subarray(7 + 2, 14)], [0, 0, 0, 1, 1]);
    await assertSameElsewhere(fitted, table);
  });

  it("goes on with selections and decompositions, beside other columns", async () => {
    const fitted = await columns({
      text: [
        tfidfVectorizer({ ngrams: [1, 2], stopWords: ["the", "of"] }),
        selectKBest("fClassif", 12),
        truncatedSvd({ components: 2 }),
      ],
    }).fit(texts, { target: "label" });
    assert.deepEqual(fitted.names, ["svd0", "svd1"]);
    await assertSameElsewhere(fitted, texts);
    await assertSameElsewhere(fitted, later);
    const piped = await columns({ text: countVectorizer() })
      .pipe(varianceThreshold(0.05), selectKBest("chi2", 4))
      .fit(texts, { target: "label" });
    assert.equal(piped.names.length, 4);
    await assertSameElsewhere(piped, later);
    await assert.rejects(
      columns({ text: [countVectorizer(), standardScaler()] }).fit(texts),
      /countVectorizer must be the last transformer of its columns: standardScaler follows it/,
    );
    await assert.rejects(
      columns({ text: [countVectorizer(), oneHot()] }).fit(texts),
      /must be the last transformer/,
    );
  });

  it("reads letters as DuckDB and ONNX Runtime do, those of new Unicode versions aside", async () => {
    const letters = Array.from({ length: 0x2fff - 0x80 }, (_, at) => String.fromCodePoint(at + 0x80)).filter(
      // Assigned since Unicode 15 or later: not every engine knows them.
      (letter) => !/[\u088f\u0c5c\u0cdc\u1c89\u1c8a]/.test(letter),
    );
    const words = letters.map((letter) => `x${letter}${letter}`);
    const sample = Array.from({ length: Math.ceil(words.length / 64) }, (_, at) =>
      words.slice(64 * at, 64 * at + 64).join(" "),
    );
    const table = await referenceTable(database, "letters", { text: { type: "VARCHAR", values: sample } });
    const read = await database.query(`SELECT ${wordsSql("text", true)} AS words FROM letters`);
    assert.deepEqual(
      read.rows.map((row) => row["words"]),
      sample.map((text) => Array.from(wordsOf(text, true))),
    );
    const fitted = await columns({ text: countVectorizer() }).fit(table);
    await assertSameElsewhere(fitted, table);
    assert.deepEqual(["ΟΔΟΣ", "İstanbul", "ẞ", "𐐀"].map(lowerCase), ["οδοσ", "istanbul", "ß", "𐐨"]);
  });

  it("gives the same as ONNX on random texts", async () => {
    const random = new Random(17);
    const whole = (limit: number): number => Math.floor(random.uniform() * limit);
    const alphabets = [
      "aB",
      "zé\u0301ÀßİıΣσς",
      "日本語ー",
      "\u{1F600}\u{20000}\u{1D400}",
      "09²½Ⅷ",
      "_-'’.,",
    ].map((each) => Array.from(each));
    const gaps = [" ", "\t", "\n", "\u00a0", "\u2028", "\u200b", "\ufeff", "\u0007", "--", ""];
    const pick = <T>(all: readonly T[]): T | undefined => all[whole(all.length)];
    const word = (): string => {
      const letters = pick(alphabets) ?? [];
      return Array.from({ length: 1 + whole(4) }, () =>
        pick(whole(9) === 0 ? (pick(alphabets) ?? []) : letters),
      ).join("");
    };
    const known = Array.from({ length: 30 }, word);
    const sample = Array.from({ length: 200 }, () =>
      Array.from(
        { length: whole(15) },
        () => `${whole(4) === 0 ? word() : (pick(known) ?? "")}${pick(gaps) ?? ""}`,
      ).join(""),
    );
    const table = await referenceTable(database, "random_texts", {
      text: { type: "VARCHAR", values: sample },
    });
    const unseen = await referenceTable(database, "unseen_texts", {
      text: { type: "VARCHAR", values: sample.map((text, at) => `${text}${sample[at + 1] ?? ""}`) },
    });
    const stopWords = known.slice(0, 6).map(lowerCase);
    for (const step of [
      countVectorizer({ lowercase: false }),
      tfidfVectorizer({ ngrams: [1, 3], stopWords, sublinear: true }),
      hashingVectorizer({ features: 64, stopWords }),
    ]) {
      const fitted = await columns({ text: step }).fit(table);
      await assertSameElsewhere(fitted, table);
      await assertSameElsewhere(fitted, unseen);
    }
  });

  it("hashes as MurmurHash3 does", () => {
    // Published test values of the 32-bit variant, seed 0.
    const known = [
      ["", 0],
      ["test", 0xba6bd213],
      ["Hello, world!", 0xc0363e43],
      ["The quick brown fox jumps over the lazy dog", 0x2e4ff723],
    ] as const;
    for (const [text, hash] of known) assert.equal(murmurHash(text) >>> 0, hash, text);
  });

  it("is refused by the compiler on numbers, as steps on columns are for all features", async () => {
    const table = await database.table("SELECT 1.5::DOUBLE AS amount, 'a film' AS review");
    // SAFETY: these are its columns.
    const typed = table as Table<{ readonly amount: "float64"; readonly review: "string" }>;
    const wrong = columns({ amount: tfidfVectorizer() });
    // @ts-expect-error tfidfVectorizer takes texts
    await assert.rejects(wrong.fit(typed), /tfidfVectorizer takes texts, and column "amount" holds numbers/);
    const right = columns({ review: [tfidfVectorizer(), truncatedSvd({ components: 1 })] });
    assert.equal((await right.fit(typed)).names.length, 1);
    // @ts-expect-error a scaler stands on columns
    const scaled = columns({ review: countVectorizer() }).pipe(standardScaler());
    await assert.rejects(scaled.fit(typed), /standardScaler works on columns, not on all features together/);
  });

  it("says which settings make no sense", async () => {
    const fit = async (step: Steps): Promise<FittedFeatures> => await columns({ text: step }).fit(texts);
    await assert.rejects(
      fit(countVectorizer({ ngrams: [2, 1] })),
      /ngrams is a range such as \[1, 2\], not \[2, 1\]/,
    );
    await assert.rejects(
      fit(countVectorizer({ minDocuments: 50, maxDocuments: 2 })),
      /no term can be in 50 or more/,
    );
    await assert.rejects(fit(countVectorizer({ maxFeatures: 0 })), /1 or more features, not 0/);
    await assert.rejects(fit(countVectorizer({ minDocuments: 1000, maxDocuments: 2000 })), /no terms left/);
    assert.throws(() => hashingVectorizer({ features: 0 }), /no number of features from 1/);
    const numbers = await tableSource(database, "FROM (VALUES (1.5)) AS t(text)");
    await assert.rejects(columns({ text: countVectorizer() }).fit(numbers), /takes texts/);
  });
});

/** Equal as ONNX and out of JSON. */
async function assertSameElsewhere(fitted: FittedFeatures, table: TableSource): Promise<void> {
  const { data, columns: found } = await fitted.transform(table);
  assert.deepEqual(found, fitted.names);
  assertSameFeatures(await runOnnx(fitted, table), data, "ONNX");
  const stored = loadFeatures(JSON.parse(JSON.stringify(fitted)));
  assertSameFeatures((await stored.transform(table)).data, data, "JSON", 0);
}
