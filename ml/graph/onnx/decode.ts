/**
 * @file ONNX files to {@link OnnxModel}s.
 *
 * A file may come from anywhere: it is a valid model or an {@link OnnxFileError}, and takes memory in proportion to its
 * size. Tensors are views on the file's bytes where their alignment allows it. Left out are documentation of parts,
 * types of values between nodes, quantisation annotations and training information, which running doesn't need.
 */
import { dirname } from "node:path";
import { OnnxFileError } from "../errors.ts";
import { openRegularFile, readFileRange } from "../read-file-range.ts";
import { checkModel, usedDomains } from "./check-model.ts";
import { decodeFunction, decodeGraph, decodeOpset } from "./decode-graph.ts";
import { decodeEntry } from "./decode-tensor.ts";
import type { TensorSource } from "./decode-tensor.ts";
import { ExternalData } from "./external-data.ts";
import { inlineFunctions } from "./inline-functions.ts";
import type { OnnxModel } from "./model.ts";
import type { ParsedFunction, ParsedGraph, ParsedModel } from "./parsed-model.ts";
import { ProtobufReader } from "./protobuf-reader.ts";

/** Protocol Buffers' own limit. */
const largestFile = 2 ** 31 - 1;

/**
 * Reads a model from the bytes of a file. Functions of the model are inlined, sparse tensors written out in full.
 * The tensors share memory with `bytes`.
 * @throws {OnnxFileError} where it is damaged, needs operator sets or element types that aren't known here, or keeps
 * tensors in files of their own: {@link readOnnx} reads those
 */
export function decodeOnnx(bytes: Uint8Array): OnnxModel {
  return decode(bytes, undefined);
}

/**
 * Reads a model from a file, with its external data: files in the model's folder.
 * @throws {OnnxFileError} as {@link decodeOnnx}; also where a file can't be read, is larger than 2 GiB, or external data
 * would lead out of the folder
 */
export async function readOnnx(path: string): Promise<OnnxModel> {
  try {
    const external = new ExternalData(dirname(path));
    const model = decode(await readWhole(path), external);
    await external.load();
    return model;
  } catch (cause) {
    const message = cause instanceof OnnxFileError ? cause.message : "cannot be read";
    throw new OnnxFileError(message, { path, cause });
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  const { file, size } = await openRegularFile(path);
  try {
    if (size > largestFile)
      throw new OnnxFileError("the file is larger than 2 GiB, which no ONNX file can be");
    const bytes = new Uint8Array(size);
    await readFileRange(file, bytes, 0);
    return bytes;
  } finally {
    await file.close();
  }
}

function decode(bytes: Uint8Array, external: ExternalData | undefined): OnnxModel {
  const source = { external, denseBudget: Math.max(2 ** 26, 100 * bytes.length) };
  const parsed = decodeModel(new ProtobufReader(bytes), source);
  const { graph, opsets } = inlineFunctions(parsed);
  const used = usedDomains(graph);
  const model = {
    irVersion: parsed.irVersion,
    producer: parsed.producer,
    documentation: parsed.documentation,
    // Tools import many sets that they then don't use.
    opsets: Object.fromEntries([...opsets].filter(([domain]) => domain === "" || used.has(domain))),
    metadata: Object.fromEntries(parsed.metadata),
    graph,
  };
  checkModel(model);
  return model;
}

function decodeModel(reader: ProtobufReader, source: TensorSource): ParsedModel {
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const functions: ParsedFunction[] = [];
  let irVersion = 0;
  let [producer, documentation] = ["", ""];
  let graph: ParsedGraph | undefined;
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field === 1) irVersion = reader.integer("the format's version");
    else if (field === 2) producer = reader.text("the producer's name");
    else if (field === 6) documentation = reader.text("the documentation");
    else if (field === 7) {
      if (graph) throw new OnnxFileError("the model has two graphs");
      graph = decodeGraph(reader.message(), source);
    } else if (field === 8) decodeOpset(reader.message(), opsets);
    else if (field === 14) decodeEntry(reader.message(), metadata);
    else if (field === 25) functions.push(decodeFunction(reader.message(), source));
    else reader.skip();
  }
  if (!graph || irVersion === 0)
    throw new OnnxFileError("the file is no ONNX model: it has no graph or no version");
  return { irVersion, producer, documentation, opsets, metadata, graph, functions };
}
