/** @file Support vector machines that were stored as JSON. */
import * as v from "valibot";
import { readModel } from "../model-json.ts";
import { SvcModel, svcKind, svcSchema } from "./svc-model.ts";
import { SvrModel, svrSchema } from "./svr.ts";

const schema = v.variant("kind", [svcSchema, svrSchema]);

/**
 * The model that `JSON.stringify` was given.
 * @throws InvalidInputError for what isn't that
 */
export function loadKernelMachine(json: unknown): SvcModel | SvrModel {
  const read = readModel("kernel machine", schema, json);
  const { featureNames, kernel, supportVectors, coefficients, intercepts } = read;
  const machines = { supportVectors, coefficients, intercepts };
  if (read.kind === svcKind)
    return new SvcModel(featureNames, read.classes, { machines, kernel, sigmoids: read.sigmoids });
  return new SvrModel(featureNames, machines, kernel);
}
