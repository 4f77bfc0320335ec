/** @file TeX to HTML by KaTeX, and the style sheet with only those fonts that the page's formulas use. */
import { renderToString } from "katex";
import { parse } from "postcss";
import { type Html, escapeHtml, html, trusted } from "./html.ts";
import { readAsset, readAssetBytes } from "./page-assets.ts";

/** Renders a formula. One that isn't valid is shown as its source, with the reason in a tooltip. */
export function renderMath(source: string, display: boolean): Html {
  try {
    const markup = renderToString(source, {
      displayMode: display,
      output: "htmlAndMathml",
      trust: false,
      strict: false,
    });
    return display
      ? html`<span class="nb-math-block" tabindex="0" role="group" aria-label="Formula"
          >${trusted(markup)}</span
        >`
      : trusted(markup);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return html`<code class="nb-math-error" title="${escapeHtml(reason)}">${escapeHtml(source)}</code>`;
  }
}

interface FontNeed {
  readonly family: string;
  readonly weight: string;
  readonly style: string;
}

/** Which classes of KaTeX's markup switch to which font, as its style sheet says. */
const fontClasses: readonly (FontNeed & { readonly classes: RegExp })[] = [
  { family: "KaTeX_Main", weight: "700", style: "normal", classes: /\b(?:mathbf|textbf)\b/ },
  { family: "KaTeX_Main", weight: "400", style: "italic", classes: /\b(?:mainit|textit)\b/ },
  {
    family: "KaTeX_Main",
    weight: "700",
    style: "italic",
    classes: /\b(?:mathbf|textbf) (?:mathit|textit)\b/,
  },
  { family: "KaTeX_Math", weight: "400", style: "italic", classes: /\b(?:mathnormal|mathit)\b/ },
  { family: "KaTeX_Math", weight: "700", style: "italic", classes: /\bboldsymbol\b/ },
  { family: "KaTeX_AMS", weight: "400", style: "normal", classes: /\b(?:amsrm|mathbb|textbb)\b/ },
  { family: "KaTeX_Caligraphic", weight: "400", style: "normal", classes: /\bmathcal\b/ },
  { family: "KaTeX_Fraktur", weight: "400", style: "normal", classes: /\b(?:mathfrak|textfrak)\b/ },
  { family: "KaTeX_Fraktur", weight: "700", style: "normal", classes: /\b(?:mathboldfrak|textboldfrak)\b/ },
  { family: "KaTeX_Script", weight: "400", style: "normal", classes: /\b(?:mathscr|textscr)\b/ },
  { family: "KaTeX_SansSerif", weight: "400", style: "normal", classes: /\b(?:mathsf|textsf)\b/ },
  { family: "KaTeX_SansSerif", weight: "700", style: "normal", classes: /\b(?:mathboldsf|textboldsf)\b/ },
  {
    family: "KaTeX_SansSerif",
    weight: "400",
    style: "italic",
    classes: /\b(?:mathsfit|mathitsf|textitsf)\b/,
  },
  { family: "KaTeX_Typewriter", weight: "400", style: "normal", classes: /\b(?:mathtt|texttt)\b/ },
  { family: "KaTeX_Size1", weight: "400", style: "normal", classes: /\b(?:size1|small-op)\b/ },
  { family: "KaTeX_Size2", weight: "400", style: "normal", classes: /\b(?:size2|large-op)\b/ },
  { family: "KaTeX_Size3", weight: "400", style: "normal", classes: /\bsize3\b/ },
  { family: "KaTeX_Size4", weight: "400", style: "normal", classes: /\b(?:size4|delim-size4)\b/ },
];

const alwaysUsed: FontNeed = { family: "KaTeX_Main", weight: "400", style: "normal" };

function sameFont(left: FontNeed, right: FontNeed): boolean {
  return left.family === right.family && left.weight === right.weight && left.style === right.style;
}

/** KaTeX's style sheet with the used fonts inside it as data URIs; empty when the page has no formula. */
export async function mathStyleSheet(page: string): Promise<string> {
  if (!page.includes('class="katex"')) return "";
  const classes = [...page.matchAll(/class="([^"]*)"/g)].map((match) => match[1] ?? "").join(" ");
  const used = [alwaysUsed, ...fontClasses.filter((font) => font.classes.test(classes))];
  const sheet = parse(await readAsset("katex.css"));
  const faces: Promise<void>[] = [];
  sheet.walkAtRules("font-face", (rule) => {
    const values = new Map<string, string>();
    rule.walkDecls((declaration) => {
      values.set(declaration.prop, declaration.value.replaceAll('"', ""));
    });
    const font = {
      family: values.get("font-family") ?? "",
      weight: values.get("font-weight") ?? "400",
      style: values.get("font-style") ?? "normal",
    };
    const file = /fonts\/([\w-]+\.woff2)/.exec(values.get("src") ?? "")?.[1];
    if (file === undefined || !used.some((need) => sameFont(need, font))) {
      rule.remove();
      return;
    }
    faces.push(
      readAssetBytes(`katex-fonts/${file}`).then((bytes) => {
        rule.walkDecls("src", (declaration) => {
          declaration.value = `url(data:font/woff2;base64,${bytes.toString("base64")}) format("woff2")`;
        });
      }),
    );
  });
  await Promise.all(faces);
  return sheet.toString();
}
