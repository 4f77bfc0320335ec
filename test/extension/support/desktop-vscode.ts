/** @file The desktop's VS Code, where one is installed. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const names = process.platform === "win32" ? ["code.cmd"] : ["code", "code-insiders"];

/** The program that opens the desktop's VS Code: named by `VSCODE_PATH`, or `code` on the PATH. */
export function desktopVscode(): string | undefined {
  const named = process.env["VSCODE_PATH"];
  if (named !== undefined && named !== "") return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}
