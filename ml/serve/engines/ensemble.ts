/** @file Several models as one: the mean of what they say. */
import { RuntimeError } from "../../graph/errors.ts";
import type { ModelSignature, SignatureOutput } from "../../package/signature.ts";
import { InvalidInputError } from "../../errors.ts";
import type { CallContext, InferenceTensor } from "../inference.ts";
import { planModel } from "../plan/model-plan.ts";
import type { Handler, HandlerCall, HandlerOutput } from "./handler.ts";

/** Models that answer together. */
export interface EnsembleOptions {
  readonly name: string;
  /** "1" where absent. */
  readonly version?: string;
  /** The models of the service, each of this signature; one version of several is `{ model, version }`. */
  readonly models: readonly (string | { readonly model: string; readonly version: string })[];
  readonly signature: ModelSignature;
  /** How much each model counts; all alike where absent. */
  readonly weights?: readonly number[];
}

/**
 * A handler whose numbers are the weighted means of those of several models (soft voting: probabilities are averaged), and whose label
 * is the class of the largest mean probability. The models are asked at the same time.
 * @throws {@link InvalidInputError} for no models, weights that aren't positive or not one for each, and outputs that have no mean
 */
export function ensemble({ name, version, models, signature, weights }: EnsembleOptions): Handler {
  const shares = sharesOf(models.length, weights);
  const { outputs } = signature;
  const probabilities = outputs.find(({ columns }) => columns !== undefined);
  for (const output of outputs)
    if (!isNumeric(output) && !isLabel(output, probabilities))
      throw new InvalidInputError(
        `the output "${output.name}" has no mean: only numbers have, and the label of probabilities`,
      );
  const plan = planModel(signature);
  return {
    name,
    ...(version !== undefined && { version }),
    signature,
    predict: async (call) => {
      const answers = await Promise.all(
        models.map(
          async (each) => await ask(call, plan.inputs, typeof each === "string" ? { model: each } : each),
        ),
      );
      const means = new Map(
        outputs.filter(isNumeric).map((output) => [output.name, meanOf(output, answers, shares)]),
      );
      return Object.fromEntries(
        outputs.map((output): [string, HandlerOutput] => {
          const mean = means.get(output.name);
          if (mean) return [output.name, mean];
          const { data } = means.get(probabilities?.name ?? "") ?? { data: new Float64Array(0) };
          return [output.name, labelsOf(output, data)];
        }),
      );
    },
  };
}

function sharesOf(count: number, weights: readonly number[] | undefined): readonly number[] {
  const given = weights ?? Array.from({ length: count }, () => 1);
  if (count === 0) throw new InvalidInputError("an ensemble needs models");
  if (given.length !== count || !given.every((weight) => weight > 0 && Number.isFinite(weight)))
    throw new InvalidInputError("an ensemble's weights are a positive number for each model");
  const sum = given.reduce((total, weight) => total + weight, 0);
  return given.map((weight) => weight / sum);
}

function isNumeric({ type }: SignatureOutput): boolean {
  return type === "float32" || type === "float64";
}

function isLabel({ values }: SignatureOutput, probabilities: SignatureOutput | undefined): boolean {
  const { columns = [] } = probabilities ?? {};
  return values?.length === columns.length && values.every((value, at) => String(value) === columns[at]);
}

async function ask(
  { rows, inputs, models, signal, deadline, parameters }: HandlerCall,
  plans: ReturnType<typeof planModel>["inputs"],
  { model, version }: { readonly model: string; readonly version?: string },
): Promise<readonly InferenceTensor[]> {
  const context: CallContext = {
    protocol: "v2",
    caller: { name: undefined, address: "" },
    deadline,
    signal,
    priority: 0,
    stickyKey: undefined,
    traceparent: undefined,
  };
  const tensors = plans.map(({ name, datatype, shape }): InferenceTensor => {
    const data = inputs[name] ?? [];
    const known = shape.reduce((product, size) => (size === -1 ? product : product * size), rows);
    return {
      name,
      datatype,
      shape: [rows, ...shape.map((size) => (size === -1 ? data.length / known : size))],
      data,
    };
  });
  const request = { model, version, id: undefined, inputs: tensors, outputs: undefined, parameters };
  return (await models(request, context)).outputs;
}

function meanOf(
  { name }: SignatureOutput,
  answers: readonly (readonly InferenceTensor[])[],
  shares: readonly number[],
): { readonly shape: readonly number[]; readonly data: Float64Array } {
  let mean: Float64Array | undefined;
  let shape: readonly number[] = [];
  for (const [at, outputs] of answers.entries()) {
    const found = outputs.find((output) => output.name === name);
    if (!found || (mean && found.data.length !== mean.length))
      throw new RuntimeError(`the models of the ensemble differ in their output "${name}"`);
    mean ??= new Float64Array(found.data.length);
    ({ shape } = found);
    const share = shares[at] ?? 0;
    for (let place = 0; place < mean.length; place++)
      mean[place] = (mean[place] ?? 0) + share * Number(found.data[place]);
  }
  return { shape, data: mean ?? new Float64Array(0) };
}

function labelsOf(
  { values = [] }: SignatureOutput,
  probabilities: Float64Array,
): (string | number | boolean)[] {
  const labels: (string | number | boolean)[] = [];
  for (let start = 0; start < probabilities.length; start += values.length) {
    const row = probabilities.subarray(start, start + values.length);
    const label = values[row.indexOf(Math.max(...row))];
    if (label !== undefined) labels.push(label);
  }
  return labels;
}
