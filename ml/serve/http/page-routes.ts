/** @file The OpenAPI document, and a small page to try the models in a browser. */
import { createHash } from "node:crypto";
import type { Exchange, Target } from "./exchange.ts";
import { exampleRequest, openApiDocument, type DescribedModel } from "./open-api.ts";
import type { FindTarget } from "./router.ts";

const target = (handle: (exchange: Exchange) => void): Target => ({
  protocol: "v2",
  takesBody: false,
  handle,
});

/** `/` and `/openapi.json`. */
export function pageTargets(version: string): FindTarget {
  return (method, path) => {
    if (method !== "GET") return undefined;
    if (path.length === 0) return target(sendPage);
    if (path.length !== 1 || path[0] !== "openapi.json") return undefined;
    return target((exchange) => exchange.json(200, openApiDocument(describedModels(exchange), version)));
  };
}

function describedModels({ app: { models } }: Exchange): readonly DescribedModel[] {
  return models.modelNames().map((name) => ({ name, plan: models.planOf(name, undefined) }));
}

/** The page runs its own script and style and asks its own server only. */
const policy = [
  "default-src 'none'",
  "script-src 'sha256-SCRIPT'",
  "style-src 'sha256-STYLE'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function sendPage(exchange: Exchange): void {
  const models = describedModels(exchange).map(({ name, plan }) => ({
    name,
    path: `/v2/models/${encodeURIComponent(name)}/infer`,
    example: JSON.stringify(exampleRequest(plan), undefined, 2),
  }));
  // Of what can end a script in HTML nothing is left.
  const data = JSON.stringify(models).replaceAll("<", "\\u003c");
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Models</title>
<style>${style}</style>
<h1>Models</h1>
<p>The interface as a document: <a href="openapi.json">openapi.json</a></p>
<label>Model <select id="model"></select></label>
<label>Request <textarea id="request" rows="16" spellcheck="false"></textarea></label>
<button id="ask">Ask</button> <output id="status" for="request"></output>
<pre id="answer" aria-live="polite"></pre>
<script type="application/json" id="models">${data}</script>
<script>${script}</script>
`;
  exchange.send(200, "text/html; charset=utf-8", page, [
    "content-security-policy",
    policy.replace("SCRIPT", digests.script).replace("STYLE", digests.style),
    "referrer-policy",
    "no-referrer",
  ]);
}

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
label { display: block; margin: 1rem 0; }
select, textarea { display: block; width: 100%; box-sizing: border-box; font: 14px/1.4 ui-monospace, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`;

const script = `
const models = JSON.parse(document.getElementById("models").textContent);
const [model, request, ask, status, answer] = ["model", "request", "ask", "status", "answer"].map((id) => document.getElementById(id));
for (const [at, { name }] of models.entries()) model.add(new Option(name, at));
const show = () => { request.value = models[model.value]?.example ?? ""; answer.textContent = ""; status.textContent = ""; };
model.addEventListener("change", show);
ask.addEventListener("click", async () => {
  const start = performance.now();
  try {
    const response = await fetch(models[model.value].path.slice(1), { method: "POST", headers: { "content-type": "application/json" }, body: request.value });
    const text = await response.text();
    status.textContent = response.status + " in " + (performance.now() - start).toFixed(1) + " ms";
    try { answer.textContent = JSON.stringify(JSON.parse(text), undefined, 2); } catch { answer.textContent = text; }
  } catch (error) { status.textContent = String(error); }
});
show();
`;

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

const digests = { script: digestOf(script), style: digestOf(style) };
