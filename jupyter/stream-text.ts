/** @file The text of a stream output as a terminal leaves it: `\r` writes over the line, `\b` takes a character back. */

/** Collects the chunks of one stream. */
export class StreamText {
  /** Finished lines: nothing changes them any more. */
  #done = "";
  #line = "";
  /** Where in the line the next character goes. */
  #cursor = 0;

  constructor(text = "") {
    this.write(text);
  }

  get text(): string {
    return this.#done + this.#line;
  }

  /** Takes the finished lines out, each with its line break. */
  takeLines(): string {
    const lines = this.#done;
    this.#done = "";
    return lines;
  }

  write(text: string): void {
    let start = 0;
    for (;;) {
      const end = nextControl(text, start);
      if (end > start) this.#put(text.slice(start, end));
      if (end === text.length) return;
      switch (text[end]) {
        case "\n":
          this.#done += `${this.#line}\n`;
          this.#line = "";
          this.#cursor = 0;
          break;
        case "\r":
          this.#cursor = 0;
          break;
        default:
          this.#backspace();
      }
      start = end + 1;
    }
  }

  #put(text: string): void {
    if (this.#cursor === this.#line.length) this.#line += text;
    else this.#line = this.#line.slice(0, this.#cursor) + text + this.#line.slice(this.#cursor + text.length);
    this.#cursor += text.length;
  }

  #backspace(): void {
    if (this.#cursor === 0) return;
    this.#line = this.#line.slice(0, this.#cursor - 1) + this.#line.slice(this.#cursor);
    this.#cursor -= 1;
  }
}

/** The index of the next `\n`, `\r` or `\b`; the text's length where none follows. */
function nextControl(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13 || code === 8) return at;
  }
  return text.length;
}
