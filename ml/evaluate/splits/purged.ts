/**
 * @file Splits for targets that reach into the future, such as the return over the next ten days: training rows whose time
 * overlaps that of test rows would tell the answer.
 */
import { InvalidInputError } from "../../errors.ts";
import { checkedSplits, partStart, type Spans, type Splitter } from "./splitter.ts";

/** Settings of {@link purgedKFold}. */
export interface PurgedOptions {
  /** How many parts; 5 where absent. */
  readonly splits?: number;
  /** The share of all rows that is left out after each test part beside those that overlap it; 0 where absent. */
  readonly embargo?: number;
}

/**
 * Parts of neighbouring rows, tested one after the other. Training rows are those before that end by the time at which the
 * part begins, and those after that begin when all of the part has ended, but for an embargo of
 * ⌊`embargo` · rows⌋ rows. (López de Prado, "Advances in financial machine learning", 2018, section 7.4.)
 *
 * Rows stand by rising start of their `spans`.
 */
export function purgedKFold({ splits = 5, embargo = 0 }: PurgedOptions = {}): Splitter {
  checkedSplits(splits);
  if (!(embargo >= 0 && embargo < 1))
    throw new InvalidInputError(`embargo must be a share from 0 up and below 1, not ${embargo}`);
  return {
    kind: "purgedKFold",
    *split({ rows, spans }) {
      if (spans === undefined) throw new InvalidInputError("this split needs the spans of each row");
      checkSpans(spans, rows);
      if (rows < splits)
        throw new InvalidInputError(`${rows} rows can't be split into ${splits} parts: there are too few`);
      const { starts, ends } = spans;
      const embargoed = Math.floor(rows * embargo);
      for (let part = 0; part < splits; part++) {
        const first = partStart(rows, splits, part);
        const next = partStart(rows, splits, part + 1);
        let over = Number.NEGATIVE_INFINITY;
        for (let row = first; row < next; row++) over = Math.max(over, ends[row] ?? 0);
        const train: number[] = [];
        for (let row = 0; row < first; row++) if ((ends[row] ?? 0) <= (starts[first] ?? 0)) train.push(row);
        let after = next;
        while (after < rows && (starts[after] ?? 0) < over) after += 1;
        for (let row = after + embargoed; row < rows; row++) train.push(row);
        if (train.length === 0)
          throw new InvalidInputError(
            `part ${part} leaves no rows to learn from: all others overlap it or are under embargo`,
          );
        const test = Uint32Array.from({ length: next - first }, (_, at) => first + at);
        yield { train: Uint32Array.from(train), test };
      }
    },
  };
}

function checkSpans({ starts, ends }: Spans, rows: number): void {
  if (starts.length !== rows || ends.length !== rows)
    throw new InvalidInputError(
      `there are ${starts.length} starts, ${ends.length} ends and ${rows} rows: they must be equal`,
    );
  for (let row = 0; row < rows; row++) {
    const [start = Number.NaN, end = Number.NaN] = [starts[row], ends[row]];
    if (!(end >= start))
      throw new InvalidInputError(`the span of row ${row} is from ${start} to ${end}, which is none`);
    if (row > 0 && start < (starts[row - 1] ?? 0))
      throw new InvalidInputError(`row ${row} starts before the row above it: sort rows by their start`);
  }
}
