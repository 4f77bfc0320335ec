/**
 * @file The page's end of what a page and the extension say to each other.
 *
 * Each page has a `protocol.ts` with the schemas of both directions and of the state that the page keeps. Messages that
 * are not of the protocol are refused here, by an error in the page's console, and reach nobody.
 */
import * as v from "valibot";

declare function acquireVsCodeApi(): {
  readonly postMessage: (message: unknown) => void;
  readonly setState: (state: unknown) => void;
  readonly getState: () => unknown;
};

/** What a page's `protocol.ts` says of the page's end. */
export interface PageProtocol<ToPage, State> {
  readonly toPage: v.GenericSchema<unknown, ToPage>;
  readonly state: v.GenericSchema<unknown, State>;
}

/** Call once in a page. `FromPage` is what the page may send; it is parsed by the extension. */
export class PageBridge<ToPage, FromPage, State> {
  readonly #vscode = acquireVsCodeApi();
  readonly #protocol: PageProtocol<ToPage, State>;

  constructor(protocol: PageProtocol<ToPage, State>) {
    this.#protocol = protocol;
  }

  /** Sends to the extension. */
  post(message: FromPage): void {
    this.#vscode.postMessage(message);
  }

  /** Called with each message of the extension. */
  onMessage(listener: (message: ToPage) => void): void {
    window.addEventListener("message", (event: MessageEvent<unknown>) => {
      listener(v.parse(this.#protocol.toPage, event.data));
    });
  }

  /** What the page kept, also from before the window was loaded anew; undefined where that is not of this version. */
  get state(): State | undefined {
    const found = v.safeParse(this.#protocol.state, this.#vscode.getState());
    return found.success ? found.output : undefined;
  }

  set state(state: State) {
    this.#vscode.setState(state);
  }
}

/** The page's element for a selector. @throws where the page has none: it is not whole then */
export function pageElement(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}
