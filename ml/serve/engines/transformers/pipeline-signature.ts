/** @file What a pipeline takes and gives: one text a row, and the outputs of its task. */
import type { ModelSignature, SignatureOutput } from "../../../package/signature.ts";
import type { PipelineConfig } from "./pipeline-config.ts";

/** The signature of a pipeline. @param width how many numbers the vector of a text has, where the task gives vectors */
export function pipelineSignature(config: PipelineConfig, width: number): ModelSignature {
  return {
    inputs: [{ name: "text", type: "string", dtype: "string", required: true }],
    outputs: outputsOf(config, width),
  };
}

function outputsOf(config: PipelineConfig, width: number): readonly SignatureOutput[] {
  switch (config.task) {
    case "text-classification": {
      const shape = config.topK === 1 ? {} : { shape: [-1] };
      return [
        { name: "label", type: "string", ...shape },
        { name: "score", type: "float32", ...shape },
      ];
    }
    case "token-classification":
      return [{ name: "entities", type: "string" }];
    case "feature-extraction":
      return [{ name: "embedding", type: "float32", shape: [width] }];
    case "zero-shot-classification":
      return [
        { name: "label", type: "string", values: config.labels },
        { name: "scores", type: "float32", columns: config.labels },
      ];
    case "text-generation":
      return [{ name: "generated_text", type: "string" }];
  }
}
