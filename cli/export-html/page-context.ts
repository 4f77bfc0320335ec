import { MarkdownRenderer } from "./markdown.ts";
import { PlotlyFigures } from "./plotly-output.ts";
import { ScopedStyles } from "./scoped-styles.ts";

/** What all cells of one page share while it is written. */
export interface PageContext {
  readonly markdown: MarkdownRenderer;
  readonly figures: PlotlyFigures;
  readonly styles: ScopedStyles;
  /** The language of code cells, as the notebook's metadata names it. */
  readonly language: string;
  /** The folder that relative images are read from. */
  readonly baseDirectory: string | undefined;
}

/** A context for a new page. */
export function createPageContext(language: string, baseDirectory: string | undefined): PageContext {
  return {
    markdown: new MarkdownRenderer(),
    figures: new PlotlyFigures(),
    styles: new ScopedStyles(),
    language,
    baseDirectory,
  };
}
