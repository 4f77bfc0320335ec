import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import * as v from "valibot";
import { repositoryRoot } from "../kernel/kernel-fixture.ts";

const manifestSchema = v.object({
  contributes: v.object({
    configuration: v.object({
      properties: v.record(v.string(), v.object({ markdownDescription: v.string() })),
    }),
  }),
});
const textsSchema = v.record(v.string(), v.string());

async function texts(path: string): Promise<Record<string, string>> {
  return v.parse(textsSchema, JSON.parse(await readFile(join(repositoryRoot, path), "utf8")));
}

/** The messages of all calls of `l10n.t` in the extension. */
async function messages(): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const names = await readdir(join(repositoryRoot, "extension"), { recursive: true });
  for (const file of names.filter((name) => name.endsWith(".ts"))) {
    const source = await readFile(join(repositoryRoot, "extension", file), "utf8");
    if (!source.includes("l10n.t(")) continue;
    new Visitor({
      CallExpression({ callee, arguments: [message], start }) {
        if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return;
        if (callee.object.name !== "l10n" || callee.property.type !== "Identifier") return;
        const line = source.slice(0, start).split("\n").length;
        assert.ok(
          message?.type === "Literal" && typeof message.value === "string",
          `${file}:${line}: what is to be translated has to be a literal`,
        );
        found.add(message.value);
      },
    }).visit(parseSync(file, source).program);
  }
  return found;
}

const hangul = /\p{Script=Hangul}/u;
const places = (text: string): readonly string[] => [...new Set(text.match(/\{\d+\}/g))].sort();

describe("the extension's texts", () => {
  it("of package.json are there in English and Korean", async () => {
    const manifest = await readFile(join(repositoryRoot, "package.json"), "utf8");
    const used = [...new Set([...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? ""))].sort();
    const [english, korean] = [await texts("package.nls.json"), await texts("package.nls.ko.json")];
    assert.deepEqual(Object.keys(english).sort(), used);
    assert.deepEqual(Object.keys(korean).sort(), used);
  });

  it("of package.json hold the same links and code in Korean", async () => {
    const [english, korean] = [await texts("package.nls.json"), await texts("package.nls.ko.json")];
    const fixed = (text: string): readonly string[] => (text.match(/`[^`]+`|\]\([^)]+\)/g) ?? []).sort();
    for (const [key, text] of Object.entries(english))
      assert.deepEqual(fixed(korean[key] ?? ""), fixed(text), key);
  });

  it("of the code are there in Korean, with the same places, and no more", async () => {
    const korean = await texts("l10n/bundle.l10n.ko.json");
    assert.deepEqual(Object.keys(korean).sort(), [...(await messages())].sort());
    for (const [message, translation] of Object.entries(korean)) {
      assert.deepEqual(places(translation), places(message), message);
      // What has no word of its own ("{0} · {1}", "Node {0}") needs none in Korean.
      const words = message.replaceAll(/\{\d+\}|`[^`]*`|\b(?:Node|Tenon|Jupyter|TypeScript|HTML|MB)\b/g, "");
      if (/[a-z]{2}/i.test(words)) assert.match(translation, hangul, message);
    }
  });

  it("of settings are in the documentation as well", async () => {
    const manifest = v.parse(
      manifestSchema,
      JSON.parse(await readFile(join(repositoryRoot, "package.json"), "utf8")),
    );
    const page = await readFile(join(repositoryRoot, "docs/vscode.md"), "utf8");
    for (const [name, { markdownDescription }] of Object.entries(
      manifest.contributes.configuration.properties,
    )) {
      assert.match(markdownDescription, /^%[\w.]+%$/, name);
      assert.ok(page.includes(`| \`${name}\``), `docs/vscode.md has nothing on ${name}`);
    }
  });
});
