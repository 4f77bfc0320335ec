/**
 * @file What runs have left in the notebook that can still change: outputs with a display's id, and comms. An editor that
 * comes back finds by it where an update belongs.
 */
type Content = Readonly<Record<string, unknown>>;

/** A comm of the kernel's that is open, and the run that opened it. */
interface OpenComm {
  readonly comm: string;
  readonly run: string;
}

interface Shown {
  displays: (string | null)[];
  clearsNext: boolean;
}

/** Outputs of one run beyond this are not told apart. */
const mostDisplays = 1000;

const outputTypes: ReadonlySet<string> = new Set(["stream", "error", "display_data", "execute_result"]);

export class RunTraces {
  readonly #shown = new Map<string, Shown>();
  /** Comms and the runs that opened them. */
  readonly #comms = new Map<string, string>();

  /** A message was published in answer to a run. */
  published(run: string, type: string, content: Content): void {
    if (type === "comm_open") this.#comms.set(String(content["comm_id"]), run);
    else if (type === "clear_output") this.#cleared(run, content["wait"] === true);
    else if (outputTypes.has(type)) this.#put(run, type, content);
  }

  /** A comm has been closed, by whichever run. */
  closed(content: Content): void {
    this.#comms.delete(String(content["comm_id"]));
  }

  /**
   * The displays of the run's outputs that are MIME bundles, in their order; null for those without one. Undefined where none of
   * them can change.
   */
  displays(run: string): readonly (string | null)[] | undefined {
    const displays = this.#shown.get(run)?.displays;
    return displays?.some((id) => id !== null) === true ? displays : undefined;
  }

  get comms(): readonly OpenComm[] {
    return [...this.#comms].map(([comm, run]) => ({ comm, run }));
  }

  /** The run is remembered no more. */
  forget(run: string): void {
    this.#shown.delete(run);
  }

  #cleared(run: string, waits: boolean): void {
    const shown = this.#shown.get(run);
    if (shown === undefined) return;
    if (waits) shown.clearsNext = true;
    else this.#shown.delete(run);
  }

  #put(run: string, type: string, content: Content): void {
    if (this.#shown.get(run)?.clearsNext === true) this.#shown.delete(run);
    if (type === "stream" || type === "error") return;
    const shown = this.#shown.get(run) ?? { displays: [], clearsNext: false };
    this.#shown.set(run, shown);
    if (shown.displays.length < mostDisplays) shown.displays.push(displayId(content) ?? null);
  }
}

/** The id of the display that an output's content belongs to. */
export function displayId({ transient }: Content): string | undefined {
  const id =
    typeof transient === "object" && transient !== null && "display_id" in transient
      ? transient.display_id
      : undefined;
  return typeof id === "string" ? id : undefined;
}
