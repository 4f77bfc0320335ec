/** @file A model that was read from its directory. */
import type { Session } from "../graph/runtime/session.ts";
import type { FittedPipeline } from "../pipeline/index.ts";
import type { ModelRow } from "./cell-values.ts";
import type { Evidence, Lineage } from "./evidence.ts";
import { predictedByGraph } from "./graph-outputs.ts";
import type { RecordedRows } from "./recorded-rows.ts";
import { outputRows, type OutputArray, type OutputRow } from "./row-feeds.ts";
import type { ModelSignature } from "./signature.ts";

/** The parts of a model directory. */
export interface ModelParts {
  readonly directory: string;
  /** 32 hexadecimal digits, new for each package. */
  readonly id: string;
  readonly signature: ModelSignature;
  /** The pipeline that the graph was made of; absent where the package was made of ONNX. */
  readonly pipeline: FittedPipeline | undefined;
  readonly recorded: RecordedRows | undefined;
  readonly evidence: readonly Evidence[];
  readonly lineage: Lineage;
}

/** A packaged model, loaded: it predicts rows by its ONNX graph. Closing it releases the graph. */
export class PackagedModel implements AsyncDisposable {
  readonly directory: string;
  readonly id: string;
  readonly signature: ModelSignature;
  readonly pipeline: FittedPipeline | undefined;
  readonly recorded: RecordedRows | undefined;
  readonly evidence: readonly Evidence[];
  readonly lineage: Lineage;
  readonly #session: Session;

  /** @internal */
  constructor(parts: ModelParts, session: Session) {
    this.directory = parts.directory;
    this.id = parts.id;
    this.signature = parts.signature;
    this.pipeline = parts.pipeline;
    this.recorded = parts.recorded;
    this.evidence = parts.evidence;
    this.lineage = parts.lineage;
    this.#session = session;
  }

  /**
   * What the model says of each row, by output: of a matrix of probabilities an object of numbers by class.
   * @throws {@link InvalidInputError} that names column and row, for a value that is missing or of another type
   */
  async predict(rows: readonly ModelRow[]): Promise<OutputRow[]> {
    if (rows.length === 0) return [];
    return outputRows(this.signature, await this.outputs(rows), rows.length);
  }

  /** The same by output, of a matrix row by row. */
  async outputs(rows: readonly ModelRow[]): Promise<ReadonlyMap<string, OutputArray>> {
    return await predictedByGraph(this.#session, this.signature, rows);
  }

  /** Releases the graph; it can't predict any more. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
