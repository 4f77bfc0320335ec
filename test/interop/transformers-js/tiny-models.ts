/** @file Small real models in the form of transformers.js, made here: a vocabulary of words, a tokenizer, and graphs of our own. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { embedding, randn, toOnnx, type Tensor } from "../../../ml/graph/index.ts";

const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
const words = "a the good bad film was play ##ing ##ed not in this example is sport cook ##s paris".split(
  " ",
);
const vocabulary = [...special, ...words];
const size = vocabulary.length;
const width = 8;

const ids = { dtype: "int64", shape: ["batch", "tokens"] } as const;
type Tokens = Readonly<
  Record<"input_ids" | "attention_mask" | "token_type_ids", Tensor<readonly ["batch", "tokens"], "int64">>
>;
type Vectors = Tensor<readonly ["batch", "tokens", typeof width], "float32">;

/** The tokens' vectors, each with some of its text's mean, so that all of a text counts everywhere. */
function encode({ input_ids, attention_mask, token_type_ids }: Tokens): Vectors {
  const mask = attention_mask.cast("float32").unsqueeze(-1);
  const own = embedding(randn([size, width], { seed: 1 }), input_ids).add(
    embedding(randn([2, width], { seed: 2 }), token_type_ids),
  );
  const mean = own
    .mul(mask)
    .sum(1, { keepAxes: true })
    .div(mask.sum(1, { keepAxes: true }));
  return own
    .add(mean)
    .matmul(randn([width, width], { seed: 3 }))
    .tanh();
}

const tokens = { input_ids: ids, attention_mask: ids, token_type_ids: ids };
const head = (labels: number): Tensor<readonly [typeof width, number], "float32"> =>
  randn([width, labels], { seed: 4 });

/** The graphs of the tasks: what a model of each gives for tokens. */
const graphs = {
  classify: (labels: number) =>
    toOnnx((given: Tokens) => ({ logits: encode(given).slice(null, 0).matmul(head(labels)) }), tokens),
  tag: (labels: number) =>
    toOnnx((given: Tokens) => ({ logits: encode(given).matmul(head(labels)) }), tokens),
  embed: () => toOnnx((given: Tokens) => ({ last_hidden_state: encode(given) }), tokens),
  /** Each token says which comes next. */
  generate: () =>
    toOnnx(
      ({ input_ids }: Pick<Tokens, "input_ids">) => ({
        logits: embedding(randn([size, size], { seed: 5 }), input_ids),
      }),
      { input_ids: ids },
    ),
};

const bert = { model_type: "bert", hidden_size: width, num_hidden_layers: 1, num_attention_heads: 1 };
const named = (labels: readonly string[]): object => ({
  id2label: Object.fromEntries(labels.entries()),
  label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
});

/** The models, by the folder's name. */
const models = {
  mood: {
    config: { ...bert, ...named(["sad", "glad", "calm"]), architectures: ["BertForSequenceClassification"] },
    graph: () => graphs.classify(3),
    served: { task: "text-classification" },
  },
  moods: {
    config: { ...bert, ...named(["sad", "glad", "calm"]), architectures: ["BertForSequenceClassification"] },
    graph: () => graphs.classify(3),
    served: { task: "text-classification", topK: 3 },
  },
  names: {
    config: { ...bert, ...named(["O", "B-PLACE", "I-PLACE"]), architectures: ["BertForTokenClassification"] },
    graph: () => graphs.tag(3),
    served: { task: "token-classification" },
  },
  vectors: {
    config: { ...bert, architectures: ["BertModel"] },
    graph: () => graphs.embed(),
    served: { task: "feature-extraction", normalize: true },
  },
  topics: {
    config: {
      ...bert,
      ...named(["contradiction", "neutral", "entailment"]),
      architectures: ["BertForSequenceClassification"],
    },
    graph: () => graphs.classify(3),
    served: { task: "zero-shot-classification", labels: ["sport", "film", "paris"] },
  },
  writer: {
    config: {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      n_layer: 1,
      n_head: 1,
      n_embd: width,
      vocab_size: size,
    },
    graph: () => graphs.generate(),
    served: { task: "text-generation", maxNewTokens: 2000 },
  },
} as const;

/** Writes the models into a folder, a folder for each. */
export function writeTinyModels(folder: string): void {
  for (const [name, { config, graph, served }] of Object.entries(models)) {
    const directory = join(folder, name);
    mkdirSync(join(directory, "onnx"), { recursive: true });
    const isPair = name !== "writer";
    const write = (file: string, content: object): void =>
      writeFileSync(join(directory, file), JSON.stringify(content, undefined, 2));
    write("config.json", config);
    write("tokenizer.json", tokenizer(isPair));
    write("tokenizer_config.json", {
      tokenizer_class: isPair ? "BertTokenizer" : "PreTrainedTokenizerFast",
      model_max_length: 64,
      pad_token: "[PAD]",
      unk_token: "[UNK]",
      ...(isPair && { cls_token: "[CLS]", sep_token: "[SEP]" }),
    });
    writeFileSync(join(directory, "onnx/model.onnx"), graph());
    write("transformers.json", served);
  }
}

function tokenizer(isPair: boolean): object {
  const piece = (id: string, type: number): object => ({ SpecialToken: { id, type_id: type } });
  const text = (id: "A" | "B", type: number): object => ({ Sequence: { id, type_id: type } });
  const one = [piece("[CLS]", 0), text("A", 0), piece("[SEP]", 0)];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: isPair
      ? {
          type: "TemplateProcessing",
          single: one,
          pair: [...one, text("B", 1), piece("[SEP]", 1)],
          special_tokens: Object.fromEntries(
            ["[CLS]", "[SEP]"].map((id) => [id, { id, ids: [vocabulary.indexOf(id)], tokens: [id] }]),
          ),
        }
      : null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  };
}
