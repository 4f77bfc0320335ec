/**
 * @file How a model's signature differs from an earlier one, and whether programs that call the earlier model go on working
 * with it: the rules of protobuf's tools for messages, applied to rows and outputs.
 */
import { isDeepStrictEqual } from "node:util";
import { valueKind, type ModelSignature, type SignatureInput, type SignatureOutput } from "./signature.ts";

/** A difference between signatures. */
export interface SignatureChange {
  readonly part: "input" | "output";
  readonly name: string;
  /** Whether a program that calls the earlier model may fail with the later one. */
  readonly breaking: boolean;
  /** What changed, in words. */
  readonly change: string;
}

/**
 * What changed between two signatures; nothing where callers see none.
 *
 * Breaking: an input that is removed, retyped (but for a wider number), or needs a value that it didn't need; a new input
 * that needs one; an output that is removed or retyped, may be of another value, or lost a column. Fine: a new input
 * that may be missing, one that needn't have a value any more, a new output, and values that don't occur any more.
 */
export function compareSignatures(
  earlier: ModelSignature,
  later: ModelSignature,
): readonly SignatureChange[] {
  return [
    ...changesOf("input", earlier.inputs, later.inputs, {
      added: ({ required }) =>
        required
          ? { breaking: true, change: "is new, and needs a value" }
          : { breaking: false, change: "is new, and may be missing" },
      compare: compareInputs,
    }),
    ...changesOf("output", earlier.outputs, later.outputs, {
      added: () => ({ breaking: false, change: "is new" }),
      compare: compareOutputs,
    }),
  ];
}

type Finding = Pick<SignatureChange, "breaking" | "change">;

interface Rules<Part> {
  readonly added: (part: Part) => Finding;
  readonly compare: (earlier: Part, later: Part) => readonly Finding[];
}

function changesOf<Part extends { readonly name: string }>(
  part: SignatureChange["part"],
  earlier: readonly Part[],
  later: readonly Part[],
  { added, compare }: Rules<Part>,
): readonly SignatureChange[] {
  const before = new Map(earlier.map((each) => [each.name, each]));
  const after = new Map(later.map((each) => [each.name, each]));
  const named = (name: string, findings: readonly Finding[]): readonly SignatureChange[] =>
    findings.map(({ breaking, change }) => ({ part, name, breaking, change }));
  return [
    ...earlier.flatMap((old) => {
      const found = after.get(old.name);
      return named(old.name, found ? compare(old, found) : [{ breaking: true, change: "was removed" }]);
    }),
    ...later.flatMap((each) => (before.has(each.name) ? [] : named(each.name, [added(each)]))),
  ];
}

function compareInputs(earlier: SignatureInput, later: SignatureInput): readonly Finding[] {
  const findings: Finding[] = [];
  if (earlier.type !== later.type)
    findings.push({
      breaking: !takes(later.type, earlier.type),
      change: `was ${earlier.type} and is ${later.type}`,
    });
  findings.push(...compareShapes(earlier.shape, later.shape, shapeChange(earlier, later)));
  if (later.required && !earlier.required)
    findings.push({ breaking: true, change: "may not be missing any more" });
  if (earlier.required && !later.required) findings.push({ breaking: false, change: "may be missing now" });
  return findings;
}

type Shape = SignatureInput["shape"];

/** Whether who takes tensors of one shape takes all that are given. */
function compareShapes(given: Shape, taken: Shape, change: string): readonly Finding[] {
  if (String(given) === String(taken)) return [];
  const breaking =
    given?.length !== taken?.length ||
    taken?.some((size, axis) => size !== -1 && size !== given?.[axis]) !== false;
  return [{ breaking, change }];
}

function shapeChange(before: { readonly shape?: Shape }, after: { readonly shape?: Shape }): string {
  return `had the shape ${described(before.shape)} and has ${described(after.shape)}`;
}

function described(shape: Shape): string {
  return shape ? `[rows, ${shape.join(", ")}]` : "[rows]";
}

/** Whole numbers by the powers of 2 between which they lie. */
const integerRanges: Partial<Record<SignatureInput["type"], readonly [lowest: number, highest: number]>> = {
  int8: [-7, 7],
  uint8: [0, 8],
  int16: [-15, 15],
  uint16: [0, 16],
  int32: [-31, 31],
  uint32: [0, 32],
  int64: [-63, 63],
  uint64: [0, 64],
  int128: [-127, 127],
  uint128: [0, 128],
};

/** Whether a column of one type takes all values of another. */
function takes(type: SignatureInput["type"], given: SignatureInput["type"]): boolean {
  const [range, values] = [integerRanges[type], integerRanges[given]];
  if (range && values) return range[0] <= values[0] && values[1] <= range[1];
  if (valueKind(type) === "text") return type === "string" && valueKind(given) === "text";
  if (valueKind(type) === "timestamp") return valueKind(given) === "timestamp" || given === "date";
  // Numbers with fractions take whole ones, rounded beyond 2^53 as the graph itself rounds them.
  if (type === "float64" || type === "decimal") return values !== undefined || valueKind(given) === "float";
  return type === "float32" && ["int8", "uint8", "int16", "uint16"].includes(given);
}

function compareOutputs(earlier: SignatureOutput, later: SignatureOutput): readonly Finding[] {
  const findings: Finding[] = [];
  if (earlier.type !== later.type) {
    const isNarrower = earlier.type === "float64" && later.type === "float32";
    findings.push({ breaking: !isNarrower, change: `was ${earlier.type} and is ${later.type}` });
  }
  // What callers read must have the sizes that it had, or they could be any.
  findings.push(...compareShapes(later.shape, earlier.shape, shapeChange(earlier, later)));
  findings.push(...compareValues(earlier.values, later.values));
  const { columns: before } = earlier;
  const { columns: after } = later;
  if ((before === undefined) !== (after === undefined))
    return [...findings, { breaking: true, change: before ? "was a matrix" : "is a matrix now" }];
  if (before === undefined || after === undefined || isDeepStrictEqual(before, after)) return findings;
  const lost = before.filter((column) => !after.includes(column));
  const gained = after.filter((column) => !before.includes(column));
  if (lost.length > 0) findings.push({ breaking: true, change: `lost the columns ${lost.join(", ")}` });
  if (gained.length > 0)
    findings.push({ breaking: lost.length > 0, change: `has the new columns ${gained.join(", ")}` });
  // Tensors have columns by their places.
  if (!before.every((column, at) => column === after[at]) && lost.length === 0)
    findings.push({ breaking: true, change: "has its columns in another order" });
  return findings;
}

function compareValues(
  before: SignatureOutput["values"],
  after: SignatureOutput["values"],
): readonly Finding[] {
  if (before === undefined)
    return after === undefined ? [] : [{ breaking: false, change: "has known values now" }];
  if (after === undefined) return [{ breaking: true, change: "may have any value now" }];
  const gained = after.filter((value) => !before.includes(value));
  const lost = before.filter((value) => !after.includes(value));
  return [
    ...(gained.length > 0 ? [{ breaking: true, change: `may be ${gained.join(", ")} now` }] : []),
    ...(lost.length > 0 ? [{ breaking: false, change: `isn't ${lost.join(", ")} any more` }] : []),
  ];
}
