import { governanceRoutes } from "../governance/routes.ts";
import { experimentRoutes } from "./experiment-routes.ts";
import { loggedModelRoutes } from "./logged-model-routes.ts";
import { metricRoutes } from "./metric-routes.ts";
import { registryRoutes } from "./registry-routes.ts";
import type { Route } from "./router.ts";
import { runRoutes } from "./run-routes.ts";

/** All routes: of MLflow's API, by their paths below `/api/2.0/mlflow/`, and Tenon's own, which begin with `tenon/`. */
export const apiRoutes: readonly Route[] = [
  ...experimentRoutes,
  ...runRoutes,
  ...metricRoutes,
  ...registryRoutes,
  ...loggedModelRoutes,
  ...governanceRoutes,
];
