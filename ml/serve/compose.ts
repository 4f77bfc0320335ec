/**
 * @file Everything that stands between the protocols and the models, in one place and in one order.
 *
 * A wrapper takes what answers and gives what answers in its place: it may refuse, choose another version, remember, measure.
 * One that has nothing to wait for calls `next` and gives what that gives, be it an answer or a promise of one.
 */
import type { Infer, InferenceService } from "./inference.ts";

/** A rule of the service: limits, traffic, a cache, metrics. */
export type Wrapper = (next: Infer, service: InferenceService) => Infer;

/** A service whose calls go through wrappers; the first one sees a call first. */
export function compose(service: InferenceService, wrappers: readonly Wrapper[]): InferenceService {
  const infer = wrappers.reduceRight((next, wrap) => wrap(next, service), service.infer);
  return {
    infer,
    isLive: () => service.isLive(),
    isReady: () => service.isReady(),
    isModelReady: (model, version) => service.isModelReady(model, version),
    modelNames: () => service.modelNames(),
    metadata: (model, version) => service.metadata(model, version),
  };
}
