/** @file Words and their sequences as tensor programs; what `words.ts` and `bag.ts` compute, for export. */
import { InvalidInputError } from "../../errors.ts";
import { where } from "../../graph/functions/elementwise.ts";
import { oneHot, scatter } from "../../graph/functions/indexing.ts";
import { cumsum } from "../../graph/functions/reductions.ts";
import { pad } from "../../graph/functions/arrange.ts";
import { positionAmong } from "../../graph/ops/encoding.ts";
import { countSequences, lowerCase, tokens } from "../../graph/ops/text.ts";
import { Tensor } from "../../graph/tensor.ts";
import type { TracedColumn } from "../step.ts";
import type { Norm } from "./bag.ts";
import { wordPattern } from "./words.ts";

/** The words of a column of texts: `[rows, most words]`, "" where a row has fewer. */
export function tracedWords(columns: readonly TracedColumn[], isLowerCased: boolean): Tensor {
  const [column] = columns;
  if (!column) throw new InvalidInputError("there is no column of texts");
  const texts = column.tensor.reshape([-1]).value;
  return new Tensor(tokens(isLowerCased ? lowerCase(texts) : texts, wordPattern));
}

/** How often each term, words joined by spaces, stands in each row; stop words are left out before. */
export function tracedCounts(words: Tensor, terms: readonly string[], stopWords: readonly string[]): Tensor {
  const sequences = terms.map((term) => term.split(" "));
  const known = [...new Set(sequences.flat())];
  const numbers = new Map(known.map((word, number) => [word, number]));
  const isGapless = stopWords.length > 0 && sequences.some(({ length }) => length > 1);
  // A row without words still has one place, which holds no word.
  const positions = isGapless ? withoutStopWords(words, known, stopWords) : numbered(words, known);
  const sought = sequences.map((sequence) => sequence.map((word) => numbers.get(word) ?? -1));
  return new Tensor(countSequences(positions.value, sought));
}

function numbered(words: Tensor, known: readonly string[]): Tensor {
  const positions = new Tensor(positionAmong(words.value, known));
  return pad(
    positions,
    [
      [0, 0],
      [0, 1],
    ],
    { value: -1 },
  );
}

/** Numbers of the words that aren't stop words, moved together. */
function withoutStopWords(words: Tensor, known: readonly string[], stopWords: readonly string[]): Tensor {
  const left = [...new Set(["", ...stopWords])].filter((word) => !known.includes(word));
  const positions = new Tensor(positionAmong(words.value, [...known, ...left]));
  const stays = positions.less(known.length);
  const padded = pad(
    positions,
    [
      [0, 0],
      [0, 1],
    ],
    { value: -1 },
  );
  const place = cumsum(stays.cast("int64"), 1).sub(1);
  // What is left out goes to the last place, where no word stands.
  const last = stays.cast("int64").mul(0).add(1).sum(1, { keepAxes: true });
  const moved = scatter(
    padded.mul(0).sub(1),
    where(stays, place, last.add(place.mul(0))),
    where(stays, positions, positions.mul(0).sub(1)),
    1,
  );
  return moved;
}

/** A matrix of zeros of as many rows as the words have. */
export function tracedZeros(words: Tensor, width: number): Tensor {
  const none = pad(
    new Tensor(positionAmong(words.value, [""])),
    [
      [0, 0],
      [0, 1],
    ],
    { value: -1 },
  );
  return oneHot(none.slice(null, [0, 1]).reshape([-1]).mul(0).sub(1), width);
}

/** Rows divided by their norm; rows of zeros stay. */
export function tracedNormal(rows: Tensor, norm: Norm): Tensor {
  if (norm === "none") return rows;
  const total =
    norm === "l1" ? rows.abs().sum(1, { keepAxes: true }) : rows.mul(rows).sum(1, { keepAxes: true }).sqrt();
  return rows.div(where(total.greater(0), total, 1));
}
