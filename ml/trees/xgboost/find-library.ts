/** @file Where XGBoost's library may be. Nothing is fetched. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { XgboostMissingError } from "./errors.ts";

/** The values of variables that say where the library is; empty ones say nothing. */
export interface LibraryVariables {
  /** TENON_XGBOOST: a path to the library. */
  readonly xgboost: string | undefined;
  /** TENON_PYTHON: a Python that has the package `xgboost`. */
  readonly python: string | undefined;
}

/** How a library is found, as messages say it. */
export const howToGetXgboost =
  "install it (pip install xgboost) and name the Python in TENON_PYTHON, or the library's file in TENON_XGBOOST";

/** Tells the folder of a package without loading it. */
const tellFolder =
  "import importlib.util as u; s = u.find_spec('xgboost'); print(s.submodule_search_locations[0] if s else '')";
const pythonMilliseconds = 30_000;

/**
 * What a loader of libraries is to be given: the path in TENON_XGBOOST, else that in the package `xgboost` of the Python in
 * TENON_PYTHON, else the library's name, for the system to find.
 * @throws {@link XgboostMissingError} where a variable names what isn't there
 */
export async function findXgboostLibrary({ xgboost: path, python }: LibraryVariables): Promise<string> {
  if (path !== undefined && path !== "") {
    if (!existsSync(path))
      throw new XgboostMissingError(`TENON_XGBOOST names ${path}, which isn't there: ${howToGetXgboost}`);
    return path;
  }
  const name = libraryName(process.platform);
  if (python === undefined || python === "") return name;
  const folder = await packageFolder(python);
  const inPackage = join(folder, "lib", name);
  if (folder !== "" && existsSync(inPackage)) return inPackage;
  throw new XgboostMissingError(
    folder === ""
      ? `TENON_PYTHON names ${python}, which has no package xgboost: ${python} -m pip install xgboost`
      : `the package xgboost in ${folder} has no lib/${name}: ${howToGetXgboost}`,
  );
}

function libraryName(platform: NodeJS.Platform): string {
  if (platform === "win32") return "xgboost.dll";
  return platform === "darwin" ? "libxgboost.dylib" : "libxgboost.so";
}

async function packageFolder(python: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(python, ["-c", tellFolder], {
      timeout: pythonMilliseconds,
      windowsHide: true,
    });
    return stdout.trim();
  } catch (cause) {
    throw new XgboostMissingError(`TENON_PYTHON names ${python}, which can't be run`, { cause });
  }
}
