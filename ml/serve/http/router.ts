/** @file Which target answers which path. Paths of models that are there are remembered; no caller can fill the memory. */
import type { ModelService } from "../service/model-service.ts";
import type { Target } from "./exchange.ts";

/** The target of a path, its parts decoded; undefined where it is none of a protocol's. */
export type FindTarget = (
  method: string,
  path: readonly string[],
  models: ModelService,
) => Target | undefined;

/** The most paths that are remembered. */
const mostRemembered = 1000;

/** Finds targets among those of several protocols. */
export class Router {
  readonly #protocols: readonly FindTarget[];
  readonly #models: ModelService;
  readonly #remembered = new Map<string, Target>();
  #generation = -1;

  constructor(protocols: readonly FindTarget[], models: ModelService) {
    this.#protocols = protocols;
    this.#models = models;
  }

  /** The target of a request, "wrong method" where there is one for another method, else undefined. */
  find(method: string, url: string): Target | "wrong method" | undefined {
    if (method === "POST") {
      if (this.#generation !== this.#models.generation) {
        this.#remembered.clear();
        this.#generation = this.#models.generation;
      }
      const remembered = this.#remembered.get(url);
      if (remembered) return remembered;
    }
    const path = partsOf(url);
    if (!path) return undefined;
    const found = this.#lookUp(method, path);
    if (!found) {
      const others = ["GET", "POST"].filter((other) => other !== method);
      return others.some((other) => this.#lookUp(other, path)) ? "wrong method" : undefined;
    }
    if (found.isOfModel && !url.includes("?") && this.#remembered.size < mostRemembered)
      this.#remembered.set(url, found);
    return found;
  }

  #lookUp(method: string, path: readonly string[]): Target | undefined {
    for (const protocol of this.#protocols) {
      const target = protocol(method, path, this.#models);
      if (target) return target;
    }
    return undefined;
  }
}

function partsOf(url: string): readonly string[] | undefined {
  const end = url.indexOf("?");
  const path = end < 0 ? url : url.slice(0, end);
  try {
    return path
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
