/** @file The servers that are compared, each as a process. */
import { join } from "node:path";
import { repositoryRoot } from "../../support/repository.ts";
import type { Dialect, Form } from "./serve-bodies.ts";
import type { ModelFiles, ServedModel } from "./serve-models.ts";

/** A server and what it can. */
export interface Server {
  readonly name: string;
  readonly dialect: Dialect;
  /** The path that infers. */
  readonly path: (model: ServedModel) => string;
  readonly models: readonly ServedModel[];
  readonly forms: readonly Form[];
  readonly processes: readonly number[];
  /** The command and the variables of its environment. */
  readonly start: (
    model: ServedModel,
    processes: number,
    port: string,
  ) => {
    readonly command: readonly [program: string, ...args: string[]];
    readonly env?: Readonly<Record<string, string>>;
  };
}

/** All servers. @param python one with the packages of `requirements.txt` */
export function serversOf(files: ModelFiles, python: string): readonly Server[] {
  const json = ["1 row JSON", "100 rows JSON"] as const;
  const bin = join(python, "..");
  const fastapi = (engine: "xgboost" | "onnxruntime"): Server => ({
    name: `FastAPI + ${engine}`,
    dialect: "oip",
    path: () => "/infer",
    models: engine === "xgboost" ? ["trees"] : ["trees", "mlp"],
    forms: [...json, "100 rows binary"],
    processes: [1, 2],
    start: (model, processes, port) => ({
      command: [
        python,
        "-m",
        "uvicorn",
        "fastapi_peer:app",
        "--app-dir",
        import.meta.dirname,
        "--port",
        port,
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        "--workers",
        String(processes),
        "--no-access-log",
        "--log-level",
        "warning",
      ],
      env: { ENGINE: engine, MODEL: engine === "xgboost" ? files.xgboost : files.onnx(model) },
    }),
  });
  return [
    {
      name: "Tenon",
      dialect: "oip",
      path: (model) => `/v2/models/${model}/infer`,
      models: ["trees", "mlp"],
      forms: [...json, "100 rows binary", "1 row gRPC", "100 rows gRPC"],
      processes: [1, 2],
      start: (model, processes, port) => ({
        command: [
          process.execPath,
          join(repositoryRoot, "dist/cli/main.js"),
          "serve",
          join(files.packages, model),
          "--port",
          port,
          ...(processes === 1 ? [] : ["--workers", String(processes)]),
        ],
      }),
    },
    fastapi("xgboost"),
    fastapi("onnxruntime"),
    {
      name: "BentoML",
      dialect: "bentoml",
      path: () => "/infer",
      models: ["trees"],
      forms: json,
      processes: [1],
      start: (model, processes, port) => ({
        command: [
          join(bin, "bentoml"),
          "serve",
          "bentoml_peer:Trees",
          "--working-dir",
          import.meta.dirname,
          "--port",
          port,
        ],
        env: {
          MODEL: files.onnx(model),
          WORKERS: String(processes),
          BENTOML_DO_NOT_TRACK: "True",
          BENTOML_HOME: join(files.packages, "../bentoml"),
        },
      }),
    },
    {
      name: "MLflow",
      dialect: "mlflow",
      path: () => "/invocations",
      models: ["trees"],
      forms: json,
      processes: [1],
      start: (model, processes, port) => ({
        command: [
          python,
          "-m",
          "mlflow",
          "models",
          "serve",
          "-m",
          join(files.packages, model),
          "--env-manager",
          "local",
          "--workers",
          String(processes),
          "--port",
          port,
        ],
        env: { MLFLOW_DISABLE_TELEMETRY: "true", PATH: `${bin}:${process.env["PATH"] ?? ""}` },
      }),
    },
  ];
}
