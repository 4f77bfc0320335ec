/** @file Names for what was given none, as MLflow's: an adjective, a noun, a number. */
import { randomInt } from "node:crypto";

const adjectives =
  "amber brave calm clever crisp eager early fair gentle golden keen lively lucid mellow nimble patient quick quiet rapid sharp silver smooth steady sturdy subtle sunny swift tidy vivid warm".split(
    " ",
  );
const nouns =
  "ash beam bench birch bough cedar chisel dowel elm fir grain hinge joist larch lathe ledge mallet maple mortise oak pine plank plane rafter rowan sawyer spruce timber truss willow".split(
    " ",
  );

/** For example `steady-larch-412`. */
export function randomName(): string {
  const pick = (words: readonly string[]): string => words[randomInt(words.length)] ?? "";
  return `${pick(adjectives)}-${pick(nouns)}-${randomInt(1000)}`;
}
