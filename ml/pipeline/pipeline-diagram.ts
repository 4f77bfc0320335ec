/** @file How a notebook shows a pipeline: columns, the steps that stand on them, and the model, from left to right. */
import type { FittedModel } from "../estimator.ts";
import type { Features, FittedFeatures, Routes } from "../features/index.ts";
import { html, onOneLine, type Html } from "../html.ts";
import type { MimeBundle } from "../notebook-host.ts";

/** Columns and the kinds of steps on them. */
interface Chain {
  readonly columns: readonly string[];
  readonly steps: readonly string[];
}

interface Diagram {
  readonly chains: readonly Chain[];
  /** Steps on all features together. */
  readonly piped: readonly string[];
  /** How many features there are, once that is known. */
  readonly features?: number;
  readonly model: string;
  /** What is known of the model, by name. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What is shown of an estimator. */
interface ShownEstimator {
  readonly kind: string;
  readonly settings: object;
}

/** A pipeline that is not yet fitted. */
export function pipelineBundle({ routes, piped }: Features, model: ShownEstimator): MimeBundle {
  const chains = Object.entries<Routes[string]>(routes).map(([name, route]): Chain => {
    if ("columns" in route) return { columns: route.columns, steps: route.steps.map(({ kind }) => kind) };
    const steps = "kind" in route ? [route] : route;
    return { columns: [name], steps: steps.map(({ kind }) => kind) };
  });
  return bundleOf({
    chains,
    piped: piped.map(({ kind }) => kind),
    model: model.kind,
    details: { ...model.settings },
  });
}

/** A fitted pipeline: also how many features there are, the target and the classes. */
export function fittedPipelineBundle(
  features: FittedFeatures,
  model: FittedModel & { readonly classes?: readonly unknown[] },
  target: string,
): MimeBundle {
  const { routes, piped = [] } = features.toJSON();
  return bundleOf({
    chains: routes.map(({ columns, steps }) => ({ columns, steps: steps.map(({ kind }) => kind) })),
    piped: piped.map(({ kind }) => kind),
    features: features.names.length,
    model: model.kind,
    details: { target, ...(model.classes && { classes: model.classes }) },
  });
}

function bundleOf(diagram: Diagram): MimeBundle {
  return { "text/html": onOneLine(diagramHtml(diagram)), "text/plain": diagramText(diagram) };
}

const shownDetails = 12;
const shownValue = 60;

/** Each detail as `name value`; the long ones shortened, unset ones left out. */
function detailLines(details: Diagram["details"]): readonly (readonly [string, string])[] {
  return Object.entries(details)
    .filter(([, value]) => value !== undefined && JSON.stringify(value) !== "{}")
    .slice(0, shownDetails)
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return [name, text.length > shownValue ? `${text.slice(0, shownValue)}…` : text];
    });
}

const box =
  "border:1px solid rgba(128,128,128,.55);border-radius:4px;padding:2px 8px;white-space:nowrap;display:inline-block";
const arrow = html`<span style="opacity:.6;padding:0 6px" aria-hidden="true">→</span>`;

function diagramHtml({ chains, piped, features, model, details }: Diagram): Html {
  const widest = Math.max(0, ...chains.map(({ columns }) => columns.join(", ").length));
  const width = `display:inline-block;min-width:${Math.min(widest, 24)}ch`;
  const lines = chains.map(
    ({ columns, steps }) =>
      html`<div style="margin:3px 0">
        <code style="${width}">${columns.join(", ")}</code>${steps.map(
          (step) => html`${arrow}<span style="${box}">${step}</span>`,
        )}
      </div>`,
  );
  const count =
    features === undefined
      ? false
      : html`<div style="opacity:.78;font-size:85%;margin-top:4px">
          ${features} feature${features === 1 ? "" : "s"}
        </div>`;
  return html`<div style="display:flex;flex-wrap:wrap;align-items:center;row-gap:8px;padding:4px 0">
    <div style="border:1px dashed rgba(128,128,128,.55);border-radius:6px;padding:6px 10px">
      ${lines}${count}
    </div>
    ${piped.map((step) => html`${arrow}<span style="${box}">${step}</span>`)}${arrow}
    <div style="border:1px solid rgba(128,128,128,.8);border-radius:6px;padding:6px 10px">
      <strong>${model}</strong>
      ${detailLines(details).map(
        ([name, value]) =>
          html`<div style="font-size:85%"><span style="opacity:.78">${name}</span> ${value}</div>`,
      )}
    </div>
  </div>`;
}

function diagramText({ chains, piped, features, model, details }: Diagram): string {
  const width = Math.max(0, ...chains.map(({ columns }) => columns.join(", ").length));
  const lines = chains.map(({ columns, steps }) => [columns.join(", ").padEnd(width), ...steps].join(" → "));
  const after = [...piped, model].join(" → ");
  const count = features === undefined ? "" : `${features} features `;
  return [
    ...lines,
    `${count}→ ${after}`,
    ...detailLines(details).map(([name, value]) => `  ${name} ${value}`),
  ].join("\n");
}
