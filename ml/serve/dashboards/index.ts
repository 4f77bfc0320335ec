/** @file `tenon/serve/dashboards`: what watches a service. */
export { type Alert, servingAlerts, type AlertThresholds } from "./alerts.ts";
export { alertRules, runbookText } from "./alert-files.ts";
export { dashboardQueries, grafanaDashboard } from "./grafana.ts";
