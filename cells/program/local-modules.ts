/** @file The modules of the program that the user may change: those that are neither packages nor generated. */
import { statSync } from "node:fs";

export class LocalModules {
  /** With their times of change. */
  readonly #files = new Map<string, number>();

  /** Takes the local ones of the program's files; `generated` is the folder of modules that nobody else writes. */
  watch(files: readonly string[], generated: string): void {
    for (const file of files) {
      if (this.#files.has(file) || file.includes("/node_modules/") || file.startsWith(generated)) continue;
      this.#files.set(file, modificationTime(file));
    }
  }

  /** The files that changed since the last call. */
  takeChanged(): string[] {
    const changed: string[] = [];
    for (const [file, known] of this.#files) {
      const time = modificationTime(file);
      if (time === known) continue;
      this.#files.set(file, time);
      changed.push(file);
    }
    return changed;
  }

  /** True where all are as they were when they were last looked at. */
  get areUnchanged(): boolean {
    return [...this.#files].every(([file, known]) => modificationTime(file) === known);
  }

  /** Watches nothing any more. */
  clear(): void {
    this.#files.clear();
  }
}

function modificationTime(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
