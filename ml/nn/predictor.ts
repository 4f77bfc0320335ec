/** @file A saved or trained classifier that predicts: an ONNX model that takes raw columns by name. */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { randomUUID } from "node:crypto";
import { Session, type SessionInput, type TensorData } from "../graph/index.ts";
import { ModelFileError } from "./errors.ts";
import { categoryColumn, numericColumn, rowCount, type FeatureColumns } from "./features.ts";
import { probabilityOutput } from "./inference-model.ts";

// Large enough to drown the cost of a call, small enough to leave the event loop free every few milliseconds.
const batchRows = 8192;

/** A classifier that predicts; columns are checked when it runs, against the inputs of the model. */
export class Predictor implements AsyncDisposable {
  /** The model's input columns. */
  readonly inputs: readonly SessionInput[];
  readonly #model: Uint8Array;
  readonly #session: Session;

  private constructor(model: Uint8Array, session: Session) {
    this.inputs = session.inputs;
    this.#model = model;
    this.#session = session;
  }

  /** Loads a model from its bytes. Throws {@link ModelFileError} when it isn't a classifier of this kind. */
  static async create(model: Uint8Array): Promise<Predictor> {
    const session = await Session.create(model);
    const unusable = session.inputs.find(
      ({ dtype, shape }) =>
        (dtype !== "float32" && dtype !== "string") || shape.length !== 2 || shape[1] !== 1,
    );
    if (unusable || !session.outputNames.includes(probabilityOutput)) {
      await session.close();
      throw new ModelFileError(
        unusable
          ? `its input "${unusable.name}" isn't one column of numbers or strings`
          : `it has no output "${probabilityOutput}"`,
      );
    }
    return new Predictor(model, session);
  }

  /** The probability of the positive class for each row. */
  async predict(features: FeatureColumns): Promise<Float32Array> {
    const columns = this.inputs.map(({ name, dtype }) =>
      dtype === "string"
        ? ({ name, dtype: "string", data: categoryColumn(features, name) } as const)
        : ({ name, dtype: "float32", data: Float32Array.from(numericColumn(features, name)) } as const),
    );
    const rows = rowCount(columns.map(({ name, data }) => [name, data] as const));
    const probabilities = new Float32Array(rows);
    for (let start = 0; start < rows; start += batchRows) {
      const end = Math.min(start + batchRows, rows);
      const shape = [end - start, 1];
      const inputs: Record<string, TensorData> = {};
      for (const column of columns) {
        inputs[column.name] =
          column.dtype === "string"
            ? { dtype: "string", data: column.data.slice(start, end), shape }
            : { dtype: "float32", data: column.data.subarray(start, end), shape };
      }
      await this.#session.run(inputs, {
        [probabilityOutput]: { dtype: "float32", data: probabilities.subarray(start, end), shape },
      });
    }
    return probabilities;
  }

  /** Writes the model as an ONNX file, whole or not at all. */
  async save(path: string): Promise<void> {
    const unfinished = `${path}.${randomUUID()}.tmp`;
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeFile(unfinished, this.#model);
      await rename(unfinished, path);
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  /** Releases the model. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Loads a classifier from an ONNX file. Throws {@link ModelFileError} when there is none or it can't be used. */
export async function loadPredictor(path: string): Promise<Predictor> {
  try {
    return await Predictor.create(await readFile(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelFileError(`cannot load the model ${path}: ${reason}`, { cause });
  }
}
