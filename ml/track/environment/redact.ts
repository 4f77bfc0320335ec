/**
 * @file Secrets taken out of texts that are kept with a run.
 *
 * It takes out too much rather than too little, and can never be sure to find all: what is random but short, or a plain
 * word under a harmless name, looks like any other text.
 */
import { replaceHighEntropy } from "./high-entropy.ts";
import { secretPatterns, type SecretPattern } from "./secret-patterns.ts";

/** A text without the secrets that were found in it. */
export interface Redacted {
  readonly text: string;
  /** How many were taken out. */
  readonly secrets: number;
}

/** Lines longer than this are data, not programs: they are left out, and nothing searches them. */
const longestLine = 5_000;

/**
 * Puts `[redacted:KIND]` in the place of secrets: private keys, tokens in the formats of their issuers, passwords in
 * addresses, settings whose names say that they are secret, and texts that look drawn by chance. Takes time in proportion to the
 * text's length.
 */
export function redactSecrets(text: string): Redacted {
  let secrets = 0;
  const mark = (kind: string): string => {
    secrets++;
    return `[redacted:${kind}]`;
  };
  const short = withoutPrivateKeys(text, mark)
    .split("\n")
    .map((line) => (line.length <= longestLine ? line : `${line.slice(0, 1)}${mark("long-line")}`))
    .join("\n");
  let clean = short;
  for (const pattern of secretPatterns) clean = replacePattern(clean, pattern, mark);
  clean = clean
    .split("\n")
    .map((line) => (isGitIndexLine(line) ? line : replaceHighEntropy(line, () => mark("high-entropy"))))
    .join("\n");
  return { text: clean, secrets };
}

/** An address without the user and the password that it may name, nor other secrets. */
export function redactAddress(address: string): string {
  return redactSecrets(address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1")).text;
}

function replacePattern(
  text: string,
  { kind, pattern, group, accepts }: SecretPattern,
  mark: (kind: string) => string,
): string {
  return text.replaceAll(pattern, (match: string, ...rest: readonly unknown[]) => {
    const groups: unknown = rest.at(-1);
    const named = group === undefined ? undefined : (Object(groups) as Record<string, unknown>)[group];
    const secret = typeof named === "string" ? named : match;
    if (secret.includes("[redacted:") || accepts?.(secret, match, lineAfter(rest, match)) === false)
      return match;
    const at = match.lastIndexOf(secret);
    return `${match.slice(0, at)}${mark(kind)}${match.slice(at + secret.length)}`;
  });
}

const keyBegins = /-----BEGIN (?:[A-Z0-9 ]{0,40} )?PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d/;
const keyEnds = /-----END (?:[A-Z0-9 ]{0,40} )?PRIVATE KEY(?: BLOCK)?-----|Private-MAC:/;
/** What a key that was written into a string, or a diff, may have around its lines. */
const keyLine = /^[\s+\-"'`,]*(?:[A-Za-z0-9+/=]{16,}|[A-Za-z-]+: .*)?(?:\\n|\\r|["'`,+;\s)])*$/;

/** Keys may lie across lines, each with the sign of a diff, and their end may be cut off. */
function withoutPrivateKeys(text: string, mark: (kind: string) => string): string {
  if (!keyBegins.test(text)) return text;
  const lines: string[] = [];
  let inside = false;
  for (const line of text.split("\n")) {
    if (inside) {
      const end = keyEnds.exec(line);
      if (end) inside = false;
      else if (!keyLine.test(line)) inside = false;
      else continue;
      if (end) {
        lines.push(line.slice(end.index + end[0].length));
        continue;
      }
    }
    const begin = keyBegins.exec(line);
    if (!begin) {
      lines.push(line);
      continue;
    }
    const end = keyEnds.exec(line);
    inside = !end;
    lines.push(
      `${line.slice(0, begin.index)}${mark("private-key")}${end ? line.slice(end.index + end[0].length) : ""}`,
    );
  }
  return lines.join("\n");
}

/** Git names the contents of files by digests, which are no secrets. */
function isGitIndexLine(line: string): boolean {
  return (
    /^index [0-9a-f]{7,64}\.\.[0-9a-f]{7,64}(?: \d{6})?$/.test(line) ||
    /^[-+]?Subproject commit [0-9a-f]{40,64}/.test(line)
  );
}

/** What follows a match in its line, at most a few characters: from the arguments of a function that replaces. */
function lineAfter(rest: readonly unknown[], match: string): string {
  const at = rest.findIndex((argument) => typeof argument === "number");
  const [offset, text] = [Number(rest[at]), String(rest[at + 1])];
  const end = offset + match.length;
  return text.slice(end, end + 20).split("\n", 1)[0] ?? "";
}
