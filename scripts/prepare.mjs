// Builds after an installation from a clone. `npm ci --dry-run` calls this too, though it has installed nothing to build with.
const nothingInstalled = process.env["npm_command"] === "ci" && process.env["npm_config_dry_run"] === "true";
if (!nothingInstalled) await import("./build.mjs");
