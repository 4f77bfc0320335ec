/**
 * @file A traceback in the form in which VS Code makes places in cells into links: a line that begins with
 * `Cell In [7], line 3`.
 */

const escapes = /\u001B\[[\d;]*m/g;
const problem = /^Cell \[(\d+)\]:(\d+):\d+ /;
const frame = /^ {4}at .*\bCell \[(\d+)\]:(\d+):\d+/;

/** The lines of a traceback, with a link before each problem of a type check and before the first stack frame. */
export function linkedTraceback(traceback: readonly string[]): string {
  const lines: string[] = [];
  let hasFrame = false;
  for (const line of traceback.join("\n").split("\n")) {
    const plain = line.replaceAll(escapes, "");
    const [, cell, row] = problem.exec(plain) ?? (hasFrame ? null : frame.exec(plain)) ?? [];
    if (cell !== undefined && row !== undefined) {
      if (frame.test(plain)) hasFrame = true;
      lines.push(`Cell In [${cell}], line ${row}`);
      lines.push(problem.test(plain) ? line.replace(/Cell \[\d+\]:\d+:\d+/, "") : line);
    } else lines.push(line);
  }
  return lines.join("\n");
}
