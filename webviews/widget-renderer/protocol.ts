/** @file What the extension and the renderer of widgets say to each other. Binary data travel as base64. */
import * as v from "valibot";

/** Grows when the messages change: a page of outputs may be older than the extension that it talks to. */
export const widgetProtocolVersion = 1;

/** The renderer's id in the extension's manifest. */
export const widgetRendererId = "tenon-widget";

/** The MIME type of a widget's view. */
export const widgetViewMime = "application/vnd.jupyter.widget-view+json";

/** The content of a widget's view. */
export const widgetViewSchema = v.object({ model_id: v.string() });

/** One attribute of a widget's state: its JSON, and the binary values that belong into it; an empty path is the value itself. */
export const attributeSchema = v.object({
  value: v.optional(v.unknown()),
  buffers: v.array(
    v.object({ path: v.array(v.union([v.string(), v.pipe(v.number(), v.integer())])), base64: v.string() }),
  ),
});
export type Attribute = v.InferOutput<typeof attributeSchema>;

/** Attributes by their names. */
export const attributesSchema = v.record(v.string(), attributeSchema);
export type Attributes = v.InferOutput<typeof attributesSchema>;

const model = v.string();
const custom = v.object({
  type: v.literal("custom"),
  model,
  content: v.optional(v.unknown()),
  buffers: v.array(v.string()),
});

/** From the extension. */
export const toRendererSchema = v.variant("type", [
  /** A model that was asked for is there, with all of its state. */
  v.object({
    type: v.literal("open"),
    model,
    attributes: attributesSchema,
    /** What stands before an error of the widget's own code. */
    failed: v.string(),
  }),
  /** What the kernel has changed; an echo repeats a change that came from a view. */
  v.object({ type: v.literal("update"), model, attributes: attributesSchema, echo: v.boolean() }),
  /** The kernel has handled the update of that number. */
  v.object({ type: v.literal("delivered"), model, id: v.number() }),
  custom,
  /** There is no such model, or none any more; the message says what to do. */
  v.object({
    type: v.literal("unavailable"),
    model,
    message: v.string(),
    /** What is shown below the message. */
    plainText: v.optional(v.string()),
  }),
]);
export type ToRenderer = v.InferOutput<typeof toRendererSchema>;

/** From the renderer. */
export const fromRendererSchema = v.variant("type", [
  /** A view wants the model's state, and then to hear of its changes. */
  v.object({ type: v.literal("open"), version: v.number(), model }),
  v.object({ type: v.literal("update"), model, id: v.number(), attributes: attributesSchema }),
  custom,
]);
export type FromRenderer = v.InferOutput<typeof fromRendererSchema>;
