/**
 * @file Markdown cells to safe HTML: GitHub's tables and task lists, math, highlighted code, headings that can
 * be linked to. What the renderer itself makes (formulas, code) bypasses the sanitiser through marks in private
 * use characters, which are taken out of the source first, so a notebook can't forge them.
 */
import MarkdownItConstructor, { type MarkdownIt, type StateCore, type Token } from "markdown-it";
import { highlightCode } from "./highlight.ts";
import { type Html, html, trusted } from "./html.ts";
import { mathPlugin } from "./markdown-math.ts";
import { renderMath } from "./math.ts";
import { type SanitizeOptions, sanitizeHtml } from "./sanitize-html.ts";

/** A heading, for the table of contents. */
export interface Heading {
  readonly id: string;
  readonly level: number;
  readonly title: string;
}

const openMark = "\u{f0000}";
const closeMark = "\u{f0001}";

/** Renders Markdown, and remembers the headings of all that it rendered; ids are unique over one renderer. */
export class MarkdownRenderer {
  readonly headings: Heading[] = [];
  readonly #markdown: MarkdownIt;
  readonly #ids = new Set<string>();
  #kept: Html[] = [];

  constructor() {
    this.#markdown = MarkdownItConstructor({ html: true, linkify: true, typographer: false });
    this.#markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
    // Addresses are judged by the sanitiser, which sees those in raw HTML too.
    this.#markdown.validateLink = () => true;
    mathPlugin(this.#markdown, (source, display) => this.#keep(renderMath(source, display)));
    this.#markdown.core.ruler.push("headings", (state) => {
      this.#nameHeadings(state.tokens);
    });
    this.#markdown.core.ruler.push("task-lists", (state) => {
      markTasks(state);
    });
    this.#markdown.renderer.rules["task"] = (tokens, index) => this.#task(tokens[index]?.content === "done");
    this.#markdown.renderer.rules["fence"] = (tokens, index) => this.#fence(tokens[index]);
    this.#markdown.renderer.rules["table_open"] = () =>
      `${this.#keep(trusted('<div class="nb-table" tabindex="0" role="region" aria-label="Table">'))}<table>`;
    this.#markdown.renderer.rules["table_close"] = () => `</table>${this.#keep(trusted("</div>"))}`;
  }

  /** Safe HTML of a piece of Markdown. */
  render(source: string, options: SanitizeOptions): Html {
    this.#kept = [];
    const markup = this.#markdown.render(source.replaceAll(openMark, "").replaceAll(closeMark, ""));
    const safe = sanitizeHtml(markup, options).html;
    return trusted(
      safe.replace(
        new RegExp(`${openMark}(\\d+)${closeMark}`, "gu"),
        (_mark, index: string) => this.#kept[Number(index)] ?? "",
      ),
    );
  }

  #keep(markup: Html): string {
    this.#kept.push(markup);
    return `${openMark}${this.#kept.length - 1}${closeMark}`;
  }

  #uniqueId(title: string): string {
    const slug = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s+/g, "-");
    const base = slug === "" ? "section" : slug.startsWith("nb-") ? `section-${slug}` : slug;
    let id = base;
    for (let count = 1; this.#ids.has(id); count += 1) id = `${base}-${count}`;
    this.#ids.add(id);
    return id;
  }

  #nameHeadings(tokens: readonly Token[]): void {
    for (const [index, token] of tokens.entries()) {
      if (token.type !== "heading_open") continue;
      const inline = tokens[index + 1];
      const title = headingText(inline?.children ?? []);
      const id = this.#uniqueId(title);
      const level = Number(token.tag.slice(1));
      token.attrSet("id", id);
      this.headings.push({ id, level, title });
    }
  }

  #task(done: boolean): string {
    const state = done ? "Done" : "To do";
    return this.#keep(
      html`<span
        class="nb-task${trusted(done ? " nb-done" : "")}"
        role="img"
        aria-label="${trusted(state)}"
      ></span>`,
    );
  }

  #fence(token: Token | undefined): string {
    const language = token?.info.trim().split(/\s+/)[0] ?? "";
    const code = highlightCode((token?.content ?? "").replace(/\n$/, ""), language);
    return `${this.#keep(html`<pre class="nb-fence" tabindex="0"><code>${code}</code></pre>`)}\n`;
  }
}

/** Turns `[x] ` and `[ ] ` at the start of list items into task tokens. */
function markTasks(state: StateCore): void {
  for (const [index, token] of state.tokens.entries()) {
    if (token.type !== "inline" || state.tokens[index - 2]?.type !== "list_item_open") continue;
    const first = token.children?.[0];
    const match = first?.type === "text" ? /^\[([ xX])\]\s+/.exec(first.content) : null;
    if (first === undefined || match === null) continue;
    const task = new state.Token("task", "", 0);
    task.content = match[1] === " " ? "open" : "done";
    first.content = first.content.slice(match[0].length);
    token.children?.unshift(task);
    state.tokens[index - 2]?.attrJoin("class", "task-list-item");
  }
}

function headingText(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      token.children === null || token.children.length === 0 ? token.content : headingText(token.children),
    )
    .join("")
    .replace(/<[^>]*>/g, "")
    .trim();
}
