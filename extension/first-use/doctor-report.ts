/** @file The doctor's findings as a Markdown page: what is wrong first, with what to do. */
import type { DoctorReport, Finding } from "./tenon-command.ts";

/** The page's own words, in the user's language. */
export interface DoctorWords {
  readonly title: string;
  readonly healthy: string;
  readonly unhealthy: string;
  readonly toDo: string;
  readonly allFindings: string;
}

const marks: Readonly<Record<Finding["status"], string>> = { ok: "✓", warning: "△", missing: "✗" };

/** The report as Markdown. */
export function doctorPage({ healthy, version, root, findings }: DoctorReport, words: DoctorWords): string {
  const lines = [`# ${words.title}`, "", healthy ? words.healthy : `**${words.unhealthy}**`, ""];
  lines.push(`Tenon ${escape(version)}, ${code(root)}`, "");
  const advised = findings.filter(({ advice }) => advice !== undefined);
  if (advised.length > 0) {
    lines.push(`## ${words.toDo}`, "");
    for (const { status, group, name, detail, advice } of advised) {
      lines.push(`- ${marks[status]} **${escape(`${group}: ${name}`)}** ${escape(detail)}  `);
      lines.push(`  → ${advice === undefined ? "" : escape(advice)}`);
    }
    lines.push("");
  }
  lines.push(`## ${words.allFindings}`, "");
  for (const group of new Set(findings.map((finding) => finding.group))) {
    lines.push(`### ${escape(group)}`, "");
    for (const { status, name, detail } of findings.filter((finding) => finding.group === group))
      lines.push(`- ${marks[status]} ${escape(name)}: ${escape(detail)}`);
    lines.push("");
  }
  return lines.join("\n");
}

/** Text as it is, but for code, which advice marks by backticks. */
function escape(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll(/[\\*_{}[\]<>#|~]/g, String.raw`\$&`)))
    .join("")
    .replaceAll(/\s*\n\s*/g, " ");
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}
