/** @file What the fit of decompositions and selections found, out of fitted features. */
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import type { FittedFeatures } from "./fitted-features.ts";
import { keptState, type KeptState } from "./steps/kept-columns.ts";
import { pcaStep, type PcaState } from "./steps/pca.ts";
import { truncatedSvdStep, type TruncatedSvdState } from "./steps/truncated-svd.ts";

/**
 * What the first {@link pca} of fitted features found: directions, explained variance, ….
 * @throws {@link InvalidInputError} where there is none
 */
export function pcaState(fitted: FittedFeatures): PcaState {
  return v.parse(pcaStep.state, firstState(fitted, pcaStep.kind));
}

/**
 * What the first {@link truncatedSvd} of fitted features found.
 * @throws {@link InvalidInputError} where there is none
 */
export function truncatedSvdState(fitted: FittedFeatures): TruncatedSvdState {
  return v.parse(truncatedSvdStep.state, firstState(fitted, truncatedSvdStep.kind));
}

/** What each selection of fitted features found: which columns it kept and their scores, in the order of the routes. */
export function keptStates(fitted: FittedFeatures): readonly KeptState[] {
  return stepsOf(fitted).flatMap(({ state }) => {
    const found = v.safeParse(keptState, state);
    return found.success ? [found.output] : [];
  });
}

function stepsOf(fitted: FittedFeatures): readonly { readonly kind: string; readonly state: unknown }[] {
  const { routes, piped = [] } = fitted.toJSON();
  return [...routes.flatMap(({ steps }) => steps), ...piped];
}

function firstState(fitted: FittedFeatures, kind: string): unknown {
  const found = stepsOf(fitted).find((step) => step.kind === kind);
  if (!found) throw new InvalidInputError(`these features have no ${kind}`);
  return found.state;
}
