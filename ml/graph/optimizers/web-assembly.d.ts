/**
 * @file What we use of the WebAssembly JavaScript interface, which TypeScript declares for browsers only. No declaration
 * that the library exports may mention it: programs without the DOM's types do not have it.
 */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: {
      readonly initial: number;
      readonly maximum: number;
      readonly shared?: boolean;
    });
    grow(pages: number): number;
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array);
    readonly [Symbol.toStringTag]: string;
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
