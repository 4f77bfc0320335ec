/** @file Comments, strings and templates that are open at an offset, in source that need not parse. */

/** The comment or string around an offset, and where its text starts. Inside `${}` of a template it is neither. */
export function openLiteral(
  source: string,
  offset: number,
): { kind: "comment" | "string"; start: number } | undefined {
  /** Brace depths at which a template goes on. */
  const templates: number[] = [];
  let depth = 0;
  let index = 0;
  const skipTemplate = (from: number): number | undefined => {
    for (let position = from; position < offset; position += 1) {
      if (source[position] === "\\") position += 1;
      else if (source[position] === "`") return position + 1;
      else if (source.startsWith("${", position) && position + 2 <= offset) {
        templates.push(depth);
        depth += 1;
        return position + 2;
      }
    }
    return undefined;
  };
  while (index < offset) {
    const character = source[index] ?? "";
    if (source.startsWith("//", index) || source.startsWith("/*", index)) {
      const line = source[index + 1] === "/";
      const end = source.indexOf(line ? "\n" : "*/", index + 2);
      if (end === -1 || (line ? end >= offset : end + 2 > offset)) return { kind: "comment", start: index };
      index = line ? end : end + 2;
    } else if (character === '"' || character === "'") {
      const start = index + 1;
      index = start;
      while (index < offset && source[index] !== character && source[index] !== "\n")
        index += source[index] === "\\" ? 2 : 1;
      if (index >= offset) return { kind: "string", start };
      index += 1;
    } else if (character === "`") {
      const end = skipTemplate(index + 1);
      if (end === undefined) return { kind: "string", start: index + 1 };
      index = end;
    } else if (character === "{") {
      depth += 1;
      index += 1;
    } else if (character === "}") {
      depth -= 1;
      index += 1;
      if (templates.at(-1) === depth) {
        templates.pop();
        const end = skipTemplate(index);
        if (end === undefined) return { kind: "string", start: index };
        index = end;
      }
    } else index += 1;
  }
  return undefined;
}
