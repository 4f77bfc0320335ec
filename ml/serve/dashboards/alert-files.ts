/** @file Alerts as Prometheus's rules and as a runbook. */
import { stringify } from "yaml";
import type { Alert } from "./alerts.ts";

/**
 * The rules as a file of Prometheus's.
 * @param runbook where the runbook stands, for links; an alert's name in small letters is its anchor
 */
export function alertRules(alerts: readonly Alert[], runbook: string): string {
  return stringify(
    {
      groups: [
        {
          name: "tenon",
          rules: alerts.map(({ name, expression, hold, severity, summary, meaning }) => ({
            alert: name,
            expr: expression,
            for: hold,
            labels: { severity },
            annotations: { summary, description: meaning, runbook_url: `${runbook}#${name.toLowerCase()}` },
          })),
        },
      ],
    },
    { lineWidth: 0 },
  );
}

/** The runbook as Markdown: for each alert what it means, where to look and what to do. */
export function runbookText(alerts: readonly Alert[]): string {
  const sections = alerts.map(
    ({ name, expression, hold, severity, meaning, look, act }) => `## ${name}

${meaning}

Told (${severity === "page" ? "at once, at any hour" : "in working hours"}) when this holds for ${hold}:

\`\`\`promql
${expression}
\`\`\`

Look:

${listOf(look)}

Do:

${listOf(act)}
`,
  );
  return `# Runbook of the model service\n\n${sections.join("\n")}`;
}

function listOf(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}
