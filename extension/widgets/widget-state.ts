/** @file A widget's state between Jupyter's messages, where binary values stand beside the JSON, and the renderer's attributes. */
import * as v from "valibot";
import type { Attribute, Attributes } from "../../webviews/widget-renderer/protocol.ts";

const pathSchema = v.array(v.union([v.string(), v.number()]));
const stateSchema = v.object({
  state: v.record(v.string(), v.unknown()),
  buffer_paths: v.optional(v.array(pathSchema), []),
});

/** What a widget's comm is opened with. */
export const widgetOpenSchema = stateSchema;

/** What the kernel says of a widget. */
export const widgetMessageSchema = v.variant("method", [
  v.object({ method: v.literal("update"), ...stateSchema.entries }),
  v.object({ method: v.literal("echo_update"), ...stateSchema.entries }),
  v.object({ method: v.literal("custom"), content: v.optional(v.unknown()) }),
]);

/** State as Jupyter's messages have it. */
export interface JupyterState {
  readonly data: { readonly state: Record<string, unknown>; readonly buffer_paths: (string | number)[][] };
  readonly buffers: Buffer[];
}

/** The attributes of Jupyter's state. A path that begins nowhere is left out. */
export function attributesOf(
  { state, buffer_paths: paths }: v.InferOutput<typeof stateSchema>,
  buffers: readonly Uint8Array[],
): Attributes {
  const attributes: Record<string, Attribute> = Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, { value, buffers: [] }]),
  );
  for (const [index, [name, ...path]] of paths.entries()) {
    const buffer = buffers[index];
    if (buffer === undefined || typeof name !== "string" || name === "__proto__") continue;
    attributes[name] ??= { value: null, buffers: [] };
    attributes[name].buffers.push({ path, base64: toBase64(buffer) });
  }
  return attributes;
}

/** Jupyter's state of attributes. */
export function jupyterState(attributes: Attributes): JupyterState {
  const entries = Object.entries(attributes);
  // A value that is binary as a whole has no JSON.
  const isWhole = ({ buffers }: Attribute): boolean => buffers.some(({ path }) => path.length === 0);
  const binary = entries.flatMap(([name, { buffers }]) =>
    buffers.map(({ path, base64 }) => ({ path: [name, ...path], bytes: Buffer.from(base64, "base64") })),
  );
  return {
    data: {
      state: Object.fromEntries(
        entries
          .filter(([, attribute]) => !isWhole(attribute))
          .map(([name, { value }]) => [name, value ?? null]),
      ),
      buffer_paths: binary.map(({ path }) => path),
    },
    buffers: binary.map(({ bytes }) => bytes),
  };
}

/** Base64 of bytes. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
