/**
 * @file Texts that look as if they were drawn by chance: what keys of unknown formats have in common.
 *
 * A name of a program is words; a key changes between capitals, small letters and digits as often as chance does.
 */

const candidate = /[A-Za-z0-9+/_=-]{24,}/g;
const hex = /^(?:[0-9a-f]{32,}|[0-9A-F]{32,})$/;

/** What stands before a digest, which says what something is and opens nothing. */
const digestMark = /(?:sha(?:1|224|256|384|512)[-:_=]|(?:git-lfs|oid sha256):|integrity["']?:\s*["'])$/i;

/** Replaces what looks drawn by chance; `mark` gives what takes its place. */
export function replaceHighEntropy(line: string, mark: () => string): string {
  if (line.length < 24) return line;
  return line.replaceAll(candidate, (text: string, at: number) => {
    if (digestMark.test(line.slice(Math.max(0, at - 24), at)) || /^sha(?:1|256|384|512)-/.test(text))
      return text;
    return looksRandom(text) ? mark() : text;
  });
}

/** Whether a text of letters, digits and the signs of base64 looks as if it were drawn by chance. */
export function looksRandom(text: string): boolean {
  if (hex.test(text)) return entropy(text) > 3;
  if (/^[A-Za-z0-9+/_-]{44,}={0,2}$/.test(text) && !isWords(text) && entropy(text) > 4.4) return true;
  if (isMixed(text)) return true;
  // A path is looked at part by part, and so are texts that were joined.
  return text.split(/[/=+]/).some((part) => part.length >= 24 && isMixed(part));
}

function isMixed(text: string): boolean {
  const letters = text.replaceAll(/[_/+=-]/g, "");
  if (letters.length < 20) return false;
  if (hex.test(letters)) return !text.includes("-") && entropy(letters) > 3;
  const digits = letters.replaceAll(/\D/g, "").length;
  if (digits < 2 || isWords(text)) return false;
  const hasBothCases = /[a-z]/.test(letters) && /[A-Z]/.test(letters);
  const share = changes(letters) / (letters.length - 1);
  if (hasBothCases) return share > 0.36 && entropy(letters) > 3.7;
  return letters.length >= 28 && digits >= 4 && share > 0.25 && entropy(letters) > 3.6;
}

/** Whether most of a text is made of words of four letters and more in one case. */
function isWords(text: string): boolean {
  const inWords = (text.match(/[A-Z]?[a-z]{3,}|[A-Z]{4,}/g) ?? []).reduce(
    (sum, { length }) => sum + length,
    0,
  );
  return inWords > 0.55 * text.length;
}

/** How often the class of characters changes. */
function changes(text: string): number {
  let count = 0;
  for (let at = 1; at < text.length; at++) if (classOf(text, at) !== classOf(text, at - 1)) count++;
  return count;
}

function classOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 58 ? 0 : code < 91 ? 1 : 2;
}

/** Shannon's entropy of a text's characters, in bits for each. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let sum = 0;
  for (const count of counts.values()) sum -= (count / text.length) * Math.log2(count / text.length);
  return sum;
}
