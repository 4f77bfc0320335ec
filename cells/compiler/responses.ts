/** @file The shapes of the native compiler's answers, as far as they are used. */
import * as v from "valibot";

const information = v.object({
  fileName: v.optional(v.string()),
  pos: v.number(),
  end: v.number(),
  code: v.number(),
  category: v.number(),
  text: v.string(),
});

/** A link of a message's chain. */
export interface ChainedMessage {
  readonly text: string;
  readonly messageChain?: readonly ChainedMessage[] | undefined;
}

const chained: v.GenericSchema<ChainedMessage> = v.object({
  text: v.string(),
  messageChain: v.optional(v.array(v.lazy(() => chained))),
});

/** Diagnostics; `category` is 0 for a warning, 1 for an error, 2 for a suggestion, 3 for a message. */
export const diagnosticsResponse = v.optional(
  v.array(
    v.object({
      ...information.entries,
      messageChain: v.optional(v.array(chained)),
      relatedInformation: v.optional(v.array(information)),
    }),
  ),
  [],
);

export type CompilerDiagnostic = v.InferOutput<typeof diagnosticsResponse>[number];

export const snapshotResponse = v.object({
  snapshot: v.number(),
  projects: v.array(v.object({ id: v.string() })),
});

export const symbolResponse = v.optional(
  v.nullable(
    v.object({ id: v.number(), name: v.string(), flags: v.number(), parent: v.optional(v.number()) }),
  ),
);

export type CompilerSymbol = NonNullable<v.InferOutput<typeof symbolResponse>>;

const type = v.object({ id: v.number(), flags: v.number() });

export type CompilerType = v.InferOutput<typeof type>;

export const typeResponse = v.optional(v.nullable(type));
export const typesResponse = v.optional(v.array(v.nullable(type)), []);
export const symbolsResponse = v.optional(
  v.nullable(v.array(v.nullable(symbolResponse.wrapped.wrapped))),
  [],
);
export const signaturesResponse = v.optional(v.nullable(v.array(v.object({ id: v.number() }))), []);

export const completionsResponse = v.optional(
  v.nullable(
    v.object({
      entries: v.array(
        v.object({
          name: v.string(),
          kind: v.optional(v.number()),
          sortText: v.optional(v.string()),
          insertText: v.optional(v.string()),
          symbol: v.optional(v.object({ id: v.number() })),
        }),
      ),
    }),
  ),
);

export type CompilerCompletion = NonNullable<v.InferOutput<typeof completionsResponse>>["entries"][number];

export const textResponse = v.optional(v.nullable(v.string()), "");
export const namesResponse = v.optional(v.nullable(v.array(v.string())), []);
export const tagsResponse = v.optional(
  v.nullable(v.array(v.object({ name: v.string(), text: v.optional(v.string()) }))),
  [],
);
