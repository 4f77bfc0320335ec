/** @file The model card: Markdown with the front matter that Hugging Face's hub reads. */
import { stringify } from "yaml";
import type { Evidence, Lineage } from "./evidence.ts";
import type { ModelSignature } from "./signature.ts";

/** What a person says of a model. */
export interface CardOptions {
  /** The model's name; that of its directory where absent. */
  readonly name?: string;
  /** What it is for, in Markdown. */
  readonly description?: string;
  /** How it may be used: an SPDX identifier such as "apache-2.0". */
  readonly license?: string;
}

/** What a model card tells. */
export interface CardContent {
  readonly name: string;
  readonly card: CardOptions;
  readonly task: "classification" | "regression" | undefined;
  /** The method, and the column that it predicts. */
  readonly model: { readonly kind: string; readonly target: string } | undefined;
  readonly signature: ModelSignature;
  readonly evidence: readonly Evidence[];
  readonly lineage: Lineage;
}

/** The text of a model card. */
export function modelCard({ name, card, task, model, signature, evidence, lineage }: CardContent): string {
  const pipelineTag = task && `tabular-${task}`;
  const results = evidence.filter(({ figures }) => Object.keys(figures).length > 0);
  const frontMatter = {
    library_name: "tenon",
    ...(card.license !== undefined && { license: card.license }),
    ...(pipelineTag !== undefined && { pipeline_tag: pipelineTag }),
    tags: ["onnx", "tenon", "mlflow", ...(task ? ["tabular"] : [])],
    ...(pipelineTag !== undefined &&
      results.length > 0 && {
        "model-index": [
          {
            name,
            results: results.map(({ kind, figures }) => ({
              task: { type: pipelineTag },
              dataset: { name: lineage.data?.[0]?.name ?? kind, type: "tabular" },
              metrics: Object.entries(figures).map(([metric, value]) => ({
                type: metric,
                name: metric,
                value,
              })),
            })),
          },
        ],
      }),
  };
  const parts = [
    `---\n${stringify(frontMatter, { version: "1.1", lineWidth: 0 })}---`,
    `# ${name}`,
    card.description ?? "",
    model ? `Predicts \`${model.target}\` by \`${model.kind}\`.` : "",
    `## Inputs\n\n${table(
      ["column", "type", "may be missing"],
      signature.inputs.map((input) => [input.name, input.type, input.required ? "no" : "yes"]),
    )}`,
    `## Outputs\n\n${table(
      ["output", "type", "values"],
      signature.outputs.map(({ name: output, type, values, columns }) => [
        output,
        columns ? `${type} for each of` : type,
        (columns ?? values ?? []).map(String).join(", "),
      ]),
    )}`,
    evidence.length === 0
      ? ""
      : `## Evidence\n\n${table(
          ["kind", "verdict", "figures"],
          evidence.map(({ kind, verdict, figures }) => [
            kind,
            verdict,
            Object.entries(figures)
              .map(([figure, value]) => `${figure} ${value}`)
              .join(", "),
          ]),
        )}`,
    lineageLines(lineage),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function lineageLines({ data = [], code = {}, run, parents = [] }: Lineage): string {
  const lines = [
    ...data.map(({ name, digest }) => `- data: ${name}${digest === undefined ? "" : ` (SHA-256 ${digest})`}`),
    ...(code.repository === undefined ? [] : [`- code: ${code.repository}`]),
    ...(code.commit === undefined ? [] : [`- commit: ${code.commit}`]),
    ...(run === undefined ? [] : [`- run: ${run}`]),
    ...parents.map((parent) => `- made of: ${parent}`),
  ];
  return lines.length === 0 ? "" : `## Lineage\n\n${lines.join("\n")}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(inCell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function inCell(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\r\n]+/g, " ");
}
