/**
 * @file Which version answers a call that names none, by rules that change while the service runs. A call goes by the rules as
 * they were when it came.
 */
import { addressed } from "../addressed-request.ts";
import type { CallContext, Infer, InferenceRequest, InferenceResponse } from "../inference.ts";
import { isModelFailure } from "../limits/circuit-breaker.ts";
import { failedGate, GateWindow } from "./gate-window.ts";
import { rolledBack, ruleWeights, type TrafficRule, type TrafficRules } from "./rules.ts";
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

/** How traffic is made. */
export interface TrafficOptions {
  /** Told of every change, but for those by {@link Traffic.adopt}. */
  readonly onChange?: ((change: TrafficChange) => void) | undefined;
  /** Numbers from 0 up and below 1; Math.random where absent. */
  readonly random?: (() => number) | undefined;
}

interface ModelTraffic {
  readonly rule: TrafficRule;
  readonly choice: WeightedChoice;
  /** Of versions that answer, where there are gates. */
  readonly windows: Map<string, GateWindow> | undefined;
}

/** How often gates are looked at, in milliseconds. */
const gateInterval = 1000;

/** The traffic of all models. */
export class Traffic {
  readonly #next: Infer;
  readonly #onChange: (change: TrafficChange) => void;
  readonly #random: () => number;
  readonly #models = new Map<string, ModelTraffic>();
  readonly #shadows: Shadows;
  readonly #timer: NodeJS.Timeout;
  /** Changes that the gates made. */
  rollbacks = 0;

  constructor(next: Infer, { onChange = () => {}, random = Math.random }: TrafficOptions = {}) {
    this.#next = next;
    this.#onChange = onChange;
    this.#random = random;
    this.#shadows = new Shadows(next, random);
    this.#timer = setInterval(() => this.checkGates(), gateInterval).unref();
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
    const version = traffic.choice.choose(context.stickyKey);
    const chosen = addressed(request, request.model, version);
    const window = traffic.windows?.get(version);
    if (window === undefined && traffic.rule.shadows.length === 0) return this.#next(chosen, context);
    return this.#watched(traffic, window, chosen, context);
  };

  /** Sends models back whose versions do badly. */
  checkGates(now = performance.now()): void {
    for (const [model, { rule, windows }] of this.#models) {
      const { gates } = rule;
      if (!gates || !windows) continue;
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
    this.#models.set(model, { rule, choice: weightedChoice(weights, this.#random), windows });
  }

  #watched(
    { rule }: ModelTraffic,
    window: GateWindow | undefined,
    request: InferenceRequest,
    context: CallContext,
  ): InferenceResponse | Promise<InferenceResponse> {
    const begun = performance.now();
    const answered = (response: InferenceResponse): InferenceResponse => {
      window?.answered(response, performance.now() - begun);
      // Of a stream there is no whole answer to compare.
      if (rule.shadows.length > 0 && !request.isStream)
        this.#shadows.cast(rule.shadows, request, context, response);
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
