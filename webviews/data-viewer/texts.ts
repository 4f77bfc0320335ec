/** @file The page's words, which come from the extension in the user's language. */

/** A word or sentence by its name; `{0}`, `{1}` are filled. */
export type Text = (name: string, ...values: readonly string[]) => string;

/** Makes {@link Text} of what the extension sent. */
export function textsOf(texts: Readonly<Record<string, string>>): Text {
  return (name, ...values) =>
    values.reduce((text, value, index) => text.replace(`{${index}}`, value), texts[name] ?? name);
}
