/** @file Questions to the extension: each has an id, which its one answer repeats. */
import type { Page, Profile } from "../../kernel/protocol.ts";
import type { PageBridge } from "../frame/page-bridge.ts";
import type { FromPage, PageQuery, PageState, ProfileQuery, ToPage } from "./protocol.ts";

type Answer = ToPage & { type: "page" | "profile" | "failed" };

export class ExtensionQuestions {
  readonly #bridge: PageBridge<ToPage, FromPage, PageState>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #nextId = 1;

  constructor(bridge: PageBridge<ToPage, FromPage, PageState>) {
    this.#bridge = bridge;
  }

  async page(query: PageQuery): Promise<Page> {
    const answer = await this.#ask((id) => ({ type: "page", id, query }));
    if (answer.type === "page") return answer.page;
    throw new Error(answer.type === "failed" ? answer.message : "");
  }

  async profile(query: ProfileQuery): Promise<Profile> {
    const answer = await this.#ask((id) => ({ type: "profile", id, query }));
    if (answer.type === "profile") return answer.profile;
    throw new Error(answer.type === "failed" ? answer.message : "");
  }

  /** Takes an answer. */
  take(answer: Answer): void {
    const resolve = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    resolve?.(answer);
  }

  async #ask(message: (id: number) => FromPage): Promise<Answer> {
    const id = this.#nextId++;
    return await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#bridge.post(message(id));
    });
  }
}
