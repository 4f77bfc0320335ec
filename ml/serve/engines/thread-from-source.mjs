// Starts a thread's module where the library runs from its sources, as in tests: Node 20 gives a thread no TypeScript loader.
import { register } from "tsx/esm/api";

register();
await import(process.argv[2]);
