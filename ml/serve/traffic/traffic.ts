/**
 * @file Which version answers a call that names none, by rules that change while the service runs. A call goes by the rules as
 * they were when it came. A version that is there no more gets none: its share goes to the others.
 */
import { addressed } from "../addressed-request.ts";
import type { CallContext, Infer, InferenceRequest, InferenceResponse } from "../inference.ts";
import { isModelFailure } from "../limits/circuit-breaker.ts";
import { failedGate, GateWindow } from "./gate-window.ts";
import {
  rolledBack,
  ruleVersions,
  ruleWeights,
  type Shadow,
  type TrafficRule,
  type TrafficRules,
} from "./rules.ts";
import { type ShadowReport, Shadows } from "./shadows.ts";
import { weightedChoice, type WeightedChoice } from "./weighted-choice.ts";

/** A change of the rules. */
export interface TrafficChange {
  readonly model: string;
  /** The new rule, undefined where it was taken away. */
  readonly rule: TrafficRule | undefined;
  /** Why, where the service did it by itself. */
  readonly reason: string | undefined;
}

/** Which versions can be asked. */
export interface Presence {
  /** Changes whenever they do. */
  readonly generation: number;
  has(model: string, version: string): boolean;
}

/** How traffic is made. */
export interface TrafficOptions {
  /** All versions are there where absent. */
  readonly presence?: Presence | undefined;
  /** Told when versions that a rule names are not there, or no longer. */
  readonly onMissing?: ((model: string, versions: readonly string[]) => void) | undefined;
  /** Told of every change, but for those by {@link Traffic.adopt}. */
  readonly onChange?: ((change: TrafficChange) => void) | undefined;
  /** Numbers from 0 up and below 1; Math.random where absent. */
  readonly random?: (() => number) | undefined;
}

interface ModelTraffic {
  readonly rule: TrafficRule;
  /** Of versions that answer, where there are gates. */
  readonly windows: Map<string, GateWindow> | undefined;
  routes: Routes;
}

/** A rule on the versions that are there. */
interface Routes {
  readonly generation: number;
  /** The versions that answer; none where the current one does. */
  readonly weights: readonly Weight[];
  readonly choice: WeightedChoice | undefined;
  readonly shadows: readonly Shadow[];
  readonly missing: readonly string[];
}

interface Weight {
  readonly version: string;
  readonly weight: number;
}

const allPresent: Presence = { generation: 0, has: () => true };

/** How often gates are looked at, in milliseconds. */
const gateInterval = 1000;

/** The traffic of all models. */
export class Traffic {
  readonly #next: Infer;
  readonly #onChange: (change: TrafficChange) => void;
  readonly #onMissing: (model: string, versions: readonly string[]) => void;
  readonly #presence: Presence;
  readonly #random: () => number;
  readonly #models = new Map<string, ModelTraffic>();
  readonly #shadows: Shadows;
  readonly #timer: NodeJS.Timeout;
  /** Changes that the gates made. */
  rollbacks = 0;

  constructor(
    next: Infer,
    {
      onChange = () => {},
      onMissing = () => {},
      presence = allPresent,
      random = Math.random,
    }: TrafficOptions = {},
  ) {
    this.#next = next;
    this.#onChange = onChange;
    this.#onMissing = onMissing;
    this.#presence = presence;
    this.#random = random;
    this.#shadows = new Shadows(next, random);
    this.#timer = setInterval(() => {
      for (const [model, traffic] of this.#models) this.#current(model, traffic);
      this.checkGates();
    }, gateInterval).unref();
  }

  /** All rules, as {@link parseRules} takes them. */
  get rules(): TrafficRules {
    const models = Array.from(this.#models, ([model, { rule }]) => [model, rule] as const);
    return { version: 1, models: Object.fromEntries(models) };
  }

  /** The rule of a model. */
  ruleOf(model: string): TrafficRule | undefined {
    return this.#models.get(model)?.rule;
  }

  /** The versions that a model's rule names and that are not there. */
  missingOf(model: string): readonly string[] {
    const traffic = this.#models.get(model);
    return traffic ? this.#current(model, traffic).missing : [];
  }

  /** The share of each version in a model's calls as it is now; empty where the current version answers all. */
  sharesOf(model: string): Readonly<Record<string, number>> {
    const traffic = this.#models.get(model);
    const weights = traffic ? this.#current(model, traffic).weights : [];
    const total = weights.reduce((sum, { weight }) => sum + weight, 0);
    return Object.fromEntries(weights.map(({ version, weight }) => [version, weight / total]));
  }

  /** What is known of a model's shadows, by version. */
  shadowsOf(model: string): ReadonlyMap<string, ShadowReport> {
    return this.#shadows.reports(model);
  }

  /** Has a rule hold from now on; undefined takes it away. */
  set(model: string, rule: TrafficRule | undefined, reason?: string): void {
    this.#put(model, rule);
    this.#onChange({ model, rule, reason });
  }

  /** Takes rules that another process or a file has: all that it doesn't have are taken away. */
  adopt({ models }: TrafficRules): void {
    for (const model of this.#models.keys()) if (!Object.hasOwn(models, model)) this.#put(model, undefined);
    for (const [model, rule] of Object.entries(models))
      if (JSON.stringify(rule) !== JSON.stringify(this.#models.get(model)?.rule)) this.#put(model, rule);
  }

  readonly infer: Infer = (request, context) => {
    const traffic = this.#models.get(request.model);
    if (traffic === undefined || request.version !== undefined) return this.#next(request, context);
    const { choice, shadows } = this.#current(request.model, traffic);
    const version = choice?.choose(context.stickyKey);
    const chosen = version === undefined ? request : addressed(request, request.model, version);
    const window = version === undefined ? undefined : traffic.windows?.get(version);
    if (window === undefined && shadows.length === 0) return this.#next(chosen, context);
    return this.#watched(shadows, window, chosen, context);
  };

  /** Sends models back whose versions do badly. */
  checkGates(now = performance.now()): void {
    for (const [model, { rule, windows }] of this.#models) {
      const { gates } = rule;
      // To a version that isn't there nothing can go back.
      if (!gates || !windows || !this.#presence.has(model, gates.baseline)) continue;
      for (const window of windows.values()) window.turn(now);
      for (const [version, window] of windows) {
        if (version === gates.baseline) continue;
        const reason = failedGate(gates, window, windows.get(gates.baseline));
        if (reason === undefined) continue;
        this.rollbacks += 1;
        const cause = { version, reason, time: new Date().toISOString() };
        this.set(model, rolledBack(rule, cause, gates.baseline), `version ${version}: ${reason}`);
        break;
      }
    }
  }

  /** Looks at no gates any more. */
  close(): void {
    clearInterval(this.#timer);
  }

  #put(model: string, rule: TrafficRule | undefined): void {
    if (!rule) {
      this.#models.delete(model);
      this.#shadows.forget(model);
      return;
    }
    const weights = ruleWeights(rule);
    const now = performance.now();
    const windows =
      rule.gates &&
      new Map(weights.map(({ version }) => [version, new GateWindow(rule.gates?.windowSeconds ?? 60, now)]));
    const traffic = { rule, windows, routes: this.#routes(model, rule) };
    this.#models.set(model, traffic);
    if (traffic.routes.missing.length > 0) this.#onMissing(model, traffic.routes.missing);
  }

  /** A rule on the versions that are there now. */
  #current(model: string, traffic: ModelTraffic): Routes {
    if (traffic.routes.generation === this.#presence.generation) return traffic.routes;
    const before = traffic.routes.missing;
    traffic.routes = this.#routes(model, traffic.rule);
    const { missing } = traffic.routes;
    if (missing.length > 0 && String(missing) !== String(before)) this.#onMissing(model, missing);
    return traffic.routes;
  }

  #routes(model: string, rule: TrafficRule): Routes {
    const isThere = (version: string): boolean => this.#presence.has(model, version);
    const answering = ruleWeights(rule).filter(({ version }) => isThere(version));
    const { gates, shadows } = rule;
    const isBaseline = answering.length === 0 && gates !== undefined && isThere(gates.baseline);
    const weights = isBaseline ? [{ version: gates.baseline, weight: 1 }] : answering;
    return {
      generation: this.#presence.generation,
      weights,
      choice: weights.length === 0 ? undefined : weightedChoice(weights, this.#random),
      shadows: shadows.filter(({ version }) => isThere(version)),
      missing: ruleVersions(rule).filter((version) => !isThere(version)),
    };
  }

  #watched(
    shadows: readonly Shadow[],
    window: GateWindow | undefined,
    request: InferenceRequest,
    context: CallContext,
  ): InferenceResponse | Promise<InferenceResponse> {
    const begun = performance.now();
    const answered = (response: InferenceResponse): InferenceResponse => {
      // A queue may be the other version's doing: their engines share the processors and this thread.
      window?.answered(response, response.computeTime ?? performance.now() - begun);
      // Of a stream there is no whole answer to compare.
      if (shadows.length > 0 && !request.isStream) this.#shadows.cast(shadows, request, context, response);
      return response;
    };
    let answer: InferenceResponse | Promise<InferenceResponse>;
    try {
      answer = this.#next(request, context);
    } catch (error) {
      if (isModelFailure(error)) window?.failed();
      throw error;
    }
    if (!(answer instanceof Promise)) return answered(answer);
    return answer.then(answered, (error: unknown) => {
      if (isModelFailure(error)) window?.failed();
      throw error;
    });
  }
}
