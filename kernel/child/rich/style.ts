/**
 * @file The look of the kernel's HTML, in light and dark: colours come from the frontend's own variables (JupyterLab's
 * `--jp-…`, VS Code's `--vscode-…`) and otherwise from the text colour, which is right on any background.
 *
 * Every rule is scoped by the class `tenon`, and the markup stays readable where a frontend drops the style element.
 */

const css = `
.tenon{--tn-line:var(--jp-border-color2,var(--vscode-panel-border,color-mix(in srgb,currentColor 18%,transparent)));
--tn-faint:var(--jp-content-font-color2,var(--vscode-descriptionForeground,color-mix(in srgb,currentColor 62%,transparent)));
--tn-tint:color-mix(in srgb,currentColor 4%,transparent);--tn-hover:color-mix(in srgb,currentColor 9%,transparent);
--tn-accent:var(--jp-brand-color1,var(--vscode-progressBar-background,#1a73c7));
--tn-mono:var(--jp-code-font-family,var(--vscode-editor-font-family,ui-monospace,Menlo,Consolas,monospace));
color:var(--jp-content-font-color1,var(--vscode-foreground,inherit));
font:13px/1.45 var(--jp-ui-font-family,var(--vscode-font-family,system-ui,sans-serif));max-width:100%}
.tenon .tn-scroll{overflow-x:auto;max-width:100%}
.tenon table.tn-table{border-collapse:collapse;margin:0;font-size:12.5px;font-variant-numeric:tabular-nums;border:0;width:auto;table-layout:auto;color:inherit}
.tenon table.tn-table :is(th,td){padding:3px 12px;text-align:left;vertical-align:top;border:0;white-space:nowrap;max-width:32em;overflow:hidden;text-overflow:ellipsis;background:none}
.tenon table.tn-table thead :is(th,td){vertical-align:bottom;font-weight:600;border-bottom:1px solid var(--tn-line);padding-bottom:5px}
.tenon table.tn-table thead small{display:block;font-weight:400;font-size:11px;color:var(--tn-faint)}
.tenon table.tn-table tbody tr{background:none}
.tenon table.tn-table tbody tr:nth-child(even){background:var(--tn-tint)}
.tenon table.tn-table tbody tr:hover{background:var(--tn-hover)}
.tenon table.tn-table .tn-n{text-align:right}
.tenon table.tn-table tbody th,.tenon .tn-dim,.tenon .tn-note{color:var(--tn-faint);font-weight:400}
.tenon .tn-dim{font-style:italic;opacity:.85}
.tenon table.tn-table tbody th{text-align:right}
.tenon .tn-note{margin:5px 0 0;font-size:12px}
.tenon .tn-head{margin:0 0 4px}.tenon .tn-head b{font-weight:600}
.tenon .tn-code{tab-size:2;font:12.5px/1.5 var(--tn-mono);white-space:pre-wrap;overflow-wrap:anywhere;margin:0;background:none;border:0;padding:0;color:inherit}
.tenon .tn-stats{display:flex;flex-wrap:wrap;gap:2px 18px;margin:0 0 4px}
.tenon .tn-stats span{white-space:nowrap}.tenon .tn-stats i{font-style:normal;color:var(--tn-faint);margin-right:5px}
.tenon .tn-error{border-left:3px solid var(--jp-error-color1,var(--vscode-errorForeground,#d32f2f));padding:2px 0 2px 10px}
.tenon summary{cursor:pointer}
`.replaceAll("\n", "");

/** Wraps a fragment of the kernel's HTML with its style. The fragment must be escaped already. */
export function styled(fragment: string): string {
  return `<div class="tenon"><style>${css}</style>${fragment}</div>`;
}
