/** @file A progress bar's look in HTML and in text. */
import type { MimeBundle } from "../protocol.ts";
import { escapeHtml } from "../rich/escape-html.ts";
import { styled } from "../rich/style.ts";
import { describe, fraction, type ProgressState } from "./progress-state.ts";

const textWidth = 24;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** The bar of characters, with eighths of a block. */
export function barText(share: number | undefined, width = textWidth): string {
  if (share === undefined) return "·".repeat(width);
  const units = Math.round(share * width * 8);
  const whole = Math.floor(units / 8);
  const part = eighths[units % 8] ?? "";
  return `${"█".repeat(whole)}${part}`.padEnd(width, "░");
}

/** `label  45% ███▌░░░ 450/1,000 · 1.2 s, 1.5 s left · 370/s`. */
export function progressText(state: ProgressState): string {
  const share = fraction(state);
  const percent = share === undefined ? "" : `${String(Math.floor(share * 100)).padStart(3)}% `;
  const label = state.label === "" ? "" : `${state.label} `;
  const note = state.note === "" ? "" : ` · ${state.note}`;
  return `${label}${percent}${barText(share)} ${describe(state)}${note}`;
}

function progressHtml(state: ProgressState): string {
  const share = fraction(state);
  const failed = state.status === "failed" || state.status === "stopped";
  const colour = failed
    ? "var(--jp-warn-color1,var(--vscode-editorWarning-foreground,#d9822b))"
    : state.status === "finished"
      ? "var(--jp-success-color1,var(--vscode-testing-iconPassed,#2e9e4f))"
      : "var(--tn-accent)";
  const width = share === undefined ? (state.status === "finished" ? 100 : 35) : share * 100;
  const faint = share === undefined && state.status === "running" ? "opacity:.45;" : "";
  const percent = share === undefined ? "" : `${Math.floor(share * 100)}%`;
  const label = state.label === "" ? "" : `<span style="min-width:6em">${escapeHtml(state.label)}</span>`;
  const note = state.note === "" ? "" : ` · ${escapeHtml(state.note)}`;
  return (
    `<div style="display:flex;flex-wrap:wrap;align-items:center;gap:2px 10px;font-variant-numeric:tabular-nums">${label}` +
    `<span role="progressbar" style="flex:0 1 220px;min-width:80px;height:8px;border-radius:4px;overflow:hidden;` +
    `background:color-mix(in srgb,currentColor 14%,transparent)"${share === undefined ? "" : ` aria-valuenow="${Math.floor(share * 100)}"`}>` +
    `<span style="display:block;height:100%;border-radius:4px;${faint}width:${width.toFixed(1)}%;background:${colour}"></span></span>` +
    `<span>${percent}</span><span class="tn-note" style="margin:0">${escapeHtml(describe(state))}${note}</span></div>`
  );
}

/** All bars of one output, outermost first. */
export function progressBundle(states: readonly ProgressState[]): MimeBundle {
  return {
    "text/html": styled(states.map(progressHtml).join("")),
    "text/plain": states.map((state, depth) => "  ".repeat(depth) + progressText(state)).join("\n"),
  };
}
