/** @file Circuits around models, and what answers while one is open. */
import { addressed } from "../addressed-request.ts";
import {
  type CallContext,
  type Infer,
  type InferenceRequest,
  type InferenceResponse,
  ServingError,
} from "../inference.ts";
import { CircuitBreaker, type CircuitSettings, isModelFailure, type Passage } from "./circuit-breaker.ts";

/** What answers for a model whose circuit is open: another model or version, or the last answer to the same inputs. */
export type Fallback =
  | { readonly kind: "model"; readonly model: string; readonly version?: string | undefined }
  | { readonly kind: "cached" };

/** The circuit of a model. */
export interface ModelCircuitSettings extends CircuitSettings {
  readonly fallback?: Fallback | undefined;
}

/** How circuits are made. */
export interface BreakingOptions {
  /** The settings of a version; undefined for one without a circuit, and for what is no model or version. */
  readonly settings: (model: string, version: string | undefined) => ModelCircuitSettings | undefined;
  /** The last answer to the same inputs, also one that is no longer fresh; of a `cached` fallback. */
  readonly lastAnswer?: ((request: InferenceRequest) => InferenceResponse | undefined) | undefined;
}

interface ModelCircuit {
  readonly breaker: CircuitBreaker;
  readonly fallback: Fallback | undefined;
}

/** An {@link Infer} with a circuit for each version of a model that has settings for one. */
export function breakingInfer(
  next: Infer,
  { settings, lastAnswer }: BreakingOptions,
): { readonly infer: Infer; readonly circuits: ReadonlyMap<string, ReadonlyMap<string, ModelCircuit>> } {
  const circuits = new Map<string, Map<string, ModelCircuit>>();

  const circuitOf = (model: string, asked: string | undefined): ModelCircuit | undefined => {
    const version = asked ?? "";
    const known = circuits.get(model)?.get(version);
    if (known) return known;
    const found = settings(model, asked);
    if (!found) return undefined;
    const made = { breaker: new CircuitBreaker(found), fallback: found.fallback };
    const versions = circuits.get(model) ?? new Map<string, ModelCircuit>();
    versions.set(version, made);
    // Versions come and go: the one that was asked first is forgotten.
    const [oldest] = versions.size > 64 ? versions.keys() : [];
    if (oldest !== undefined) versions.delete(oldest);
    circuits.set(model, versions);
    return made;
  };

  const instead = (
    request: InferenceRequest,
    context: CallContext,
    { breaker, fallback }: ModelCircuit,
  ): InferenceResponse | Promise<InferenceResponse> => {
    if (fallback?.kind === "cached") {
      const answer = lastAnswer?.(request);
      if (answer) return marked({ ...answer, id: request.id }, "cached");
    }
    if (fallback?.kind === "model") {
      const { model, version } = fallback;
      const answer = next(addressed(request, model, version), context);
      return answer instanceof Promise
        ? answer.then((response) => marked(response, model))
        : marked(answer, model);
    }
    throw new ServingError("unavailable", `${request.model} keeps failing and is left alone for a while`, {
      retryAfter: breaker.retryAfter(performance.now()),
    });
  };

  const infer: Infer = (request, context) => {
    const circuit = circuitOf(request.model, request.version);
    if (!circuit) return next(request, context);
    const { breaker } = circuit;
    const passage = breaker.ask(performance.now());
    if (passage === "refuse") return instead(request, context, circuit);
    let answer: InferenceResponse | Promise<InferenceResponse>;
    try {
      answer = next(request, context);
    } catch (error) {
      tellFailure(breaker, passage, error);
      throw error;
    }
    if (!(answer instanceof Promise)) {
      breaker.succeeded(passage, performance.now());
      return answer;
    }
    return answer.then(
      (response) => {
        breaker.succeeded(passage, performance.now());
        return response;
      },
      (error: unknown) => {
        tellFailure(breaker, passage, error);
        throw error;
      },
    );
  };
  return { infer, circuits };
}

function tellFailure(breaker: CircuitBreaker, passage: Passage, error: unknown): void {
  if (isModelFailure(error)) breaker.failed(passage, performance.now());
  else breaker.abandoned(passage);
}

/** Callers can see that another answered. */
function marked(response: InferenceResponse, by: string): InferenceResponse {
  return { ...response, parameters: { ...response.parameters, fallback: by } };
}
