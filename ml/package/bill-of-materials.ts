/** @file The bill of materials: CycloneDX 1.6 with a model card, and what the model needs to be served in Python. */
import { createHash } from "node:crypto";
import type { CardContent } from "./model-card.ts";
import { pythonPackages } from "./mlflow-environment.ts";

/** A CycloneDX document about a model. */
export interface BillOfMaterials {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly [part: string]: unknown;
}

/** What the bill of materials is made of, beside the card. */
export interface Materials {
  /** The model's id: 32 hexadecimal digits. */
  readonly id: string;
  readonly created: Date;
  /** The ONNX graph. */
  readonly onnx: Uint8Array;
}

/** The bill of materials of a model; see the CycloneDX 1.6 specification, "Machine Learning Model". */
export function billOfMaterials(
  { name, card, task, model, evidence, lineage, signature }: CardContent,
  { id, created, onnx }: Materials,
): BillOfMaterials {
  const reference = `model:${id}`;
  const datasets = (lineage.data ?? []).map((data, at) => ({
    name: data.name,
    digest: data.digest,
    reference: `data:${at}`,
  }));
  const libraries = Object.entries(pythonPackages).map(([library, version]) => ({
    type: "library",
    "bom-ref": `pkg:pypi/${library}@${version}`,
    name: library,
    version,
    purl: `pkg:pypi/${library}@${version}`,
  }));
  const metrics = evidence.flatMap(({ kind, figures }) =>
    Object.entries(figures).map(([type, value]) => ({ type, value: String(value), slice: kind })),
  );
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`,
    version: 1,
    metadata: {
      timestamp: created.toISOString(),
      tools: { components: [{ type: "application", name: "tenon" }] },
      component: {
        type: "machine-learning-model",
        "bom-ref": reference,
        name,
        version: id,
        ...(card.description !== undefined && { description: card.description }),
        ...(card.license !== undefined && { licenses: [{ license: { name: card.license } }] }),
        hashes: [{ alg: "SHA-256", content: createHash("sha256").update(onnx).digest("hex") }],
        modelCard: {
          modelParameters: {
            ...(task && { task: `tabular-${task}` }),
            ...(model && { architectureFamily: model.kind }),
            datasets: datasets.map((data) => ({ ref: data.reference })),
            inputs: signature.inputs.map((input) => ({ format: `${input.name}: ${input.type}` })),
            outputs: signature.outputs.map((output) => ({ format: `${output.name}: ${output.type}` })),
          },
          ...(metrics.length > 0 && { quantitativeAnalysis: { performanceMetrics: metrics } }),
        },
      },
    },
    components: [
      ...datasets.map((data) => ({
        type: "data",
        "bom-ref": data.reference,
        name: data.name,
        ...(data.digest !== undefined && { hashes: [{ alg: "SHA-256", content: data.digest }] }),
      })),
      ...libraries,
    ],
    dependencies: [
      {
        ref: reference,
        dependsOn: [...datasets.map((data) => data.reference), ...libraries.map((each) => each["bom-ref"])],
      },
    ],
  };
}
