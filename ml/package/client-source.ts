/** @file A model's client as the text of a TypeScript module. */
import { clientRuntime } from "./client-runtime.ts";
import { signatureDeclarations } from "./declaration.ts";
import { valueKind, type ModelSignature } from "./signature.ts";

/**
 * A module that asks a served model: `Input` and `Output` are the signature's rows, `ModelClient` speaks MLflow's scoring
 * protocol and the Open Inference Protocol v2. It imports nothing. Of one signature the text is always the same.
 */
export function clientSource({ inputs, outputs }: ModelSignature): string {
  const known = {
    inputs: inputs.map(({ name, type, dtype, required, shape }) => ({
      name,
      kind: valueKind(type),
      dtype,
      required,
      ...(shape && { shape }),
    })),
    outputs,
  };
  const kinds = `"boolean" | "integer" | "float" | "text" | "date" | "timestamp"`;
  return `/** @file A model's client. Written by \`tenon client\`: write it again rather than change it. */
/* eslint-disable */

${signatureDeclarations({ inputs, outputs })}
const signature: {
  readonly inputs: readonly {
    readonly name: string;
    readonly kind: ${kinds};
    readonly dtype: "float32" | "float64" | "int64" | "int32" | "int8" | "uint8" | "bool" | "string";
    readonly required: boolean;
    readonly shape?: readonly number[];
  }[];
  readonly outputs: readonly SignatureOutput[];
} = ${JSON.stringify(known, undefined, 2)};
${clientRuntime}`;
}
