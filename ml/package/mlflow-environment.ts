/** @file The Python environment in which MLflow serves a package: the files that it reads, with the versions that were tried. */

/** What the package's Python module and MLflow's ONNX flavor need. */
export const pythonPackages = {
  mlflow: "3.17.2",
  numpy: "2.4.6",
  onnx: "1.23.2",
  onnxruntime: "1.32.0",
  pandas: "3.1.1",
} as const;

/** The version of Python. */
export const pythonVersion = "3.11.7";

const requirements = Object.entries(pythonPackages).map(([name, version]) => `${name}==${version}`);

/** The environment's files by name: `requirements.txt`, `conda.yaml`, `python_env.yaml`. */
export function environmentFiles(): Readonly<Record<string, string>> {
  const pip = requirements.map((line) => `  - ${line}`).join("\n");
  return {
    "requirements.txt": `${requirements.join("\n")}\n`,
    "conda.yaml": `channels:\n- conda-forge\ndependencies:\n- python=${pythonVersion}\n- pip\n- pip:\n${pip}\nname: mlflow-env\n`,
    "python_env.yaml": `python: ${pythonVersion}\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n- -r requirements.txt\n`,
  };
}
