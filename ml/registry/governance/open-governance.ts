import { connect } from "../../track/connection.ts";
import { GovernanceClient } from "./client.ts";

/**
 * The reviews, promotions and audit log of a store: a folder, or the URL of a `tenon server`; the one that is logged to where none
 * is given (`setTrackingUri`, MLFLOW_TRACKING_URI, else `mlruns.tenon`).
 */
export function openGovernance(trackingUri?: string): GovernanceClient {
  return new GovernanceClient(connect(trackingUri).api);
}
