/** @file Cursor positions: Jupyter counts Unicode code points, VS Code counts UTF-16 code units. */

/** How many code points stand before a UTF-16 offset. */
export function codePointsBefore(text: string, offset: number): number {
  let count = 0;
  for (let at = 0; at < offset && at < text.length; count += 1)
    at += (text.codePointAt(at) ?? 0) > 0xff_ff ? 2 : 1;
  return count;
}

/** The UTF-16 offset of a place that is counted in code points; the text's end where it is beyond. */
export function offsetOfCodePoint(text: string, position: number): number {
  let offset = 0;
  for (let seen = 0; seen < position && offset < text.length; seen += 1)
    offset += (text.codePointAt(offset) ?? 0) > 0xff_ff ? 2 : 1;
  return offset;
}
