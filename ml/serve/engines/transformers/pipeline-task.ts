/** @file A pipeline of transformers.js in this thread: its answers as the outputs of its signature. */
import * as v from "valibot";
import { InvalidInputError } from "../../../errors.ts";
import type { InferenceTensor, Parameters } from "../../inference.ts";
import type { PipelineConfig } from "./pipeline-config.ts";
import {
  pipelineResults,
  type TransformersLibrary,
  type TransformersPipeline,
} from "./transformers-library.ts";

/** What a call may go by. */
export interface TaskCall {
  /** Of a generation: how it is made, in the library's names. */
  readonly parameters: Parameters;
  /** Stops a generation at its next token. */
  readonly stop: { interrupt(): void };
  /** Told of the parts of a generation of one text as they come; absent where the whole is wanted. */
  readonly onPart: ((outputs: readonly InferenceTensor[]) => void) | undefined;
}

/** Runs the task of a configuration. */
export class PipelineTask {
  readonly #library: TransformersLibrary;
  readonly #pipeline: TransformersPipeline;
  readonly #config: PipelineConfig;

  constructor(library: TransformersLibrary, pipeline: TransformersPipeline, config: PipelineConfig) {
    this.#library = library;
    this.#pipeline = pipeline;
    this.#config = config;
  }

  /** Runs a short text, and says how many numbers a text's vector has: 0 where the task gives none. */
  async warm(): Promise<number> {
    const { InterruptableStoppingCriteria: Stop } = this.#library;
    const call = { parameters: { max_new_tokens: 1 }, stop: new Stop(), onPart: undefined };
    const [first] = await this.run(["a"], call);
    return this.#config.task === "feature-extraction" ? (first?.shape[1] ?? 0) : 0;
  }

  /** The outputs of texts, a row for each. @throws {@link InvalidInputError} where there is nothing to go on from */
  async run(texts: readonly string[], call: TaskCall): Promise<readonly InferenceTensor[]> {
    const config = this.#config;
    const rows = texts.length;
    switch (config.task) {
      case "text-classification": {
        const found = v.parse(
          pipelineResults[config.task],
          await this.#pipeline(texts, { top_k: config.topK }),
        );
        const shape = config.topK === 1 ? [rows] : [rows, found[0]?.length ?? 0];
        const all = found.flat();
        return [
          textTensor(
            "label",
            shape,
            all.map(({ label }) => label),
          ),
          floatTensor(
            "score",
            shape,
            Float32Array.from(all, ({ score }) => score),
          ),
        ];
      }
      case "token-classification": {
        const options = { aggregation_strategy: config.aggregation };
        const found = v.parse(pipelineResults[config.task], await this.#pipeline(texts, options));
        return [
          textTensor(
            "entities",
            [rows],
            found.map((entities) => JSON.stringify(entities)),
          ),
        ];
      }
      case "feature-extraction": {
        const { pooling, normalize } = config;
        const result = await this.#pipeline(texts, { pooling, normalize });
        const { dims, data } = v.parse(pipelineResults[config.task], result);
        return [floatTensor("embedding", dims, data)];
      }
      case "zero-shot-classification": {
        const { labels, hypothesisTemplate, multiLabel } = config;
        const options = { hypothesis_template: hypothesisTemplate, multi_label: multiLabel };
        const found = v.parse(pipelineResults[config.task], await this.#pipeline(texts, labels, options));
        const scores = found.flatMap((row) =>
          labels.map((each) => row.scores[row.labels.indexOf(each)] ?? 0),
        );
        return [
          textTensor(
            "label",
            [rows],
            found.map((row) => row.labels[0] ?? ""),
          ),
          floatTensor("scores", [rows, labels.length], Float32Array.from(scores)),
        ];
      }
      case "text-generation":
        return [textTensor("generated_text", [rows], await this.#generate(texts, config.maxNewTokens, call))];
    }
  }

  /** One text after the other: beside others a text would be padded, and might get another answer than alone. */
  async #generate(texts: readonly string[], most: number, call: TaskCall): Promise<readonly string[]> {
    const { parameters, stop, onPart } = call;
    const { TextStreamer } = this.#library;
    for (const [row, text] of texts.entries())
      if (this.#hasNoTokens(text))
        throw new InvalidInputError(`the text of row ${row} is empty: there is nothing to go on from`);
    const options = {
      max_new_tokens: most,
      ...parameters,
      return_full_text: false,
      stopping_criteria: stop,
      ...(onPart && {
        streamer: new TextStreamer(this.#pipeline.tokenizer, {
          skip_prompt: true,
          callback_function: (part: string) => {
            if (part !== "") onPart([textTensor("generated_text", [1], [part])]);
          },
        }),
      }),
    };
    const answers: string[] = [];
    for (const text of texts) {
      const found = v.parse(pipelineResults["text-generation"], await this.#pipeline([text], options));
      answers.push(found[0]?.[0].generated_text ?? "");
    }
    return answers;
  }

  /** As the pipeline cuts texts up: the library fails for none, which is no fault of the model. */
  #hasNoTokens(text: string): boolean {
    const { tokenizer } = this.#pipeline;
    const isMarked = tokenizer.add_bos_token === true || tokenizer.add_eos_token === true;
    return tokenizer.encode(text, { add_special_tokens: isMarked }).length === 0;
  }
}

function textTensor(name: string, shape: readonly number[], data: readonly string[]): InferenceTensor {
  return { name, datatype: "BYTES", shape, data };
}

function floatTensor(name: string, shape: readonly number[], data: Float32Array): InferenceTensor {
  return { name, datatype: "FP32", shape, data };
}
