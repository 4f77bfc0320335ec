/**
 * @file YAML from elsewhere as plain data: no tags, no aliases, no key twice, nothing nested deeply.
 *
 * The parser descends by calls. At the end of the stack V8 may end the whole process (where it has to compile a regular expression
 * there) and not just throw, so how deeply a text is nested is found out first, by its tokens alone.
 */
import { CST, type Document, isScalar, Lexer, parseDocument, visit } from "yaml";
import { InvalidInputError } from "./errors.ts";

/** Flow collections in each other, indicators of blocks on one line, and blanks before a line's first letter. */
const deepest = 100;

/**
 * What a YAML text holds, by the core schema: objects, arrays, texts, numbers, truth values and nulls.
 * @param what the text should be, as in "this is no …"
 * @throws {@link InvalidInputError} where it is no YAML, or has anything that isn't plain data
 */
export function parseYaml(what: string, text: string): unknown {
  requireShallow(what, text);
  // The parser's own search for keys that are there twice takes time in the square of their number.
  const document = parseDocument(text, { schema: "core", uniqueKeys: false });
  const [error] = document.errors;
  if (error) throw new InvalidInputError(`this is no YAML: ${error.message.split("\n")[0]}`);
  requireUniqueKeys(what, document);
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new InvalidInputError(`this is no ${what}: it has aliases`, { cause });
  }
}

/**
 * Finds out by a text's tokens whether it may be given to the parser.
 * @throws {@link InvalidInputError} where it is nested deeply
 */
export function requireShallow(what: string, text: string): void {
  let flows = 0;
  let indicators = 0;
  let isLineStart = true;
  let isSource = false;
  for (const lexeme of new Lexer().lex(text)) {
    // What follows the mark of a scalar is its text, whatever it looks like.
    const type: string | null = isSource ? "source" : CST.tokenType(lexeme);
    isSource = type === "scalar";
    if (type === "newline") indicators = 0;
    else if (type === "flow-seq-start" || type === "flow-map-start") flows += 1;
    else if (type === "flow-seq-end" || type === "flow-map-end") flows -= 1;
    else if (type === "seq-item-ind" || type === "explicit-key-ind") indicators += 1;
    const indentation = isLineStart && type === "space" ? lexeme.length : 0;
    isLineStart = type === "newline";
    if (Math.max(flows, indicators, indentation) > deepest)
      throw new InvalidInputError(`this is no ${what}: it is nested too deeply`);
  }
}

/** Readers differ in which of two they take: what was signed or reviewed must not mean two things. */
function requireUniqueKeys(what: string, document: Document): void {
  visit(document, {
    Map: (_, { items }) => {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        const name: unknown = isScalar(key) ? key.value : key;
        if (keys.has(name)) throw new InvalidInputError(`this is no ${what}: ${String(name)} is there twice`);
        keys.add(name);
      }
    },
  });
}
