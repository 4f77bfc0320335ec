/** @file What `%help` shows. */

export const helpText = `### TypeScript (Tenon)

Cells are TypeScript and share one scope. The value of the last expression is shown; a trailing \`;\` hides it.
A cell with type errors does not run.

| magic | what it does |
|---|---|
| \`%time expression\` | runs the expression once and prints its wall and CPU time |
| \`%timeit expression\` | runs it many times and prints mean and deviation |
| \`%npm install package …\` | any npm command, in the notebook's folder |
| \`%env\`, \`%env NAME\`, \`%env NAME=value\` | lists, shows or sets environment variables |
| \`%check on\\|off\\|warn\` | type checking for this and later cells; \`%%check warn\` for one cell |
| \`%%html\`, \`%%markdown\` | shows the rest of the cell |
| \`%%bash\` | runs the rest of the cell with bash |
| \`name?\` or \`?name\` | shows a name's type and documentation |

| global | what it is |
|---|---|
| \`display(value)\`, \`display.html(…)\`, \`.markdown\`, \`.plotly\`, … | shows a value; returns a handle with \`update\` |
| \`progress(iterable)\` or \`progress(total)\` | a live progress bar |
| \`cell.signal\` | an AbortSignal that fires when the cell is interrupted |
| \`prompt(message)\` | asks for a line of input |
`;
