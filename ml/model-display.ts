/** @file How a notebook shows a fitted model: what it is, and what counts most in it. */
import { html, onOneLine, type Html } from "./html.ts";
import type { MimeBundle } from "./notebook-host.ts";

/** Numbers that a model has for each feature, by what they are of: a class, or the one name of all. */
export interface FeatureNumbers {
  readonly featureNames: readonly string[];
  readonly columns: Readonly<Record<string, ArrayLike<number>>>;
  /** Whether the numbers are parts of a whole and shown as bars; else they have signs and are shown as they are. */
  readonly areShares?: boolean;
}

/** The most features that are shown. */
const shownFeatures = 20;

/** A model's name, facts about it, and its numbers by feature, the largest first. */
export function modelBundle(
  kind: string,
  facts: readonly string[],
  { featureNames, columns, areShares = false }: FeatureNumbers,
): MimeBundle {
  const names = Object.keys(columns);
  const numbersOf = (feature: number): number[] => names.map((name) => columns[name]?.[feature] ?? 0);
  const size = (feature: number): number => Math.max(...numbersOf(feature).map(Math.abs));
  const order = Array.from(featureNames.keys()).sort((a, b) => size(b) - size(a));
  const shown = order.slice(0, shownFeatures);
  const largest = Math.max(Number.MIN_VALUE, ...shown.map(size));
  const more = order.length - shown.length;
  const left = more > 0 ? `${more} more feature${more === 1 ? "" : "s"}` : "";
  const head = [kind, ...facts].join(" · ");
  const rows = shown.map(
    (feature) =>
      html`<tr>
        <th style="text-align:left;font-weight:normal">${featureNames[feature]}</th>
        ${numbersOf(feature).map((value) => cell(value, areShares ? value / largest : undefined))}
      </tr>`,
  );
  const page = html`<p>
      <strong>${kind}</strong>${facts.map((fact) => html`<span style="opacity:.78"> · ${fact}</span>`)}
    </p>
    <table>
      <thead>
        <tr>
          <th style="text-align:left">feature</th>
          ${names.map((name) => html`<th style="text-align:right">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    ${left !== "" && html`<p style="opacity:.78">${left}</p>`}`;
  const widest = Math.max(7, ...shown.map((feature) => featureNames[feature]?.length ?? 0));
  const line = (name: string, values: readonly string[]): string =>
    [name.padEnd(widest), ...values.map((value) => value.padStart(12))].join(" ").trimEnd();
  const text = [
    head,
    line("feature", names),
    ...shown.map((feature) => line(featureNames[feature] ?? "", numbersOf(feature).map(short))),
    ...(left === "" ? [] : [left]),
  ];
  return { "text/html": onOneLine(page), "text/plain": text.join("\n") };
}

/** A number, with a bar of its share of the largest one behind it. */
function cell(value: number, share: number | undefined): Html {
  const percent = share === undefined ? 0 : Math.round(1000 * share) / 10;
  const bar = `background:linear-gradient(to right,rgba(80,140,220,.35) ${percent}%,transparent ${percent}%)`;
  return html`<td style="text-align:right${share === undefined ? "" : `;min-width:10em;${bar}`}">
    ${short(value)}
  </td>`;
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
