/** @file Tells ES modules from CommonJS where the file's name doesn't. */
import { oxcParser } from "./oxc.ts";

/** True where a source has `import` or `export` declarations or `import.meta`. */
export function hasModuleSyntax(source: string): boolean {
  return oxcParser().parseSync("module.js", source, { lang: "js", sourceType: "unambiguous" }).module
    .hasModuleSyntax;
}
