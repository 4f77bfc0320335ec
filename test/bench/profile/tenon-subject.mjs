// Prints, as JSON, the milliseconds and MiB of one profile: node tenon-subject.mjs profile|display FILE THREADS
import { displaySource, openDatabase, profile, sqlText } from "tenon/data";

const [what, file, threads] = process.argv.slice(2);
const database = await openDatabase({ threads: Number(threads) });
const cpuBefore = process.cpuUsage();
const before = performance.now();
const sql = `FROM ${sqlText(file)}`;
const { columns } = await database.query(`SELECT * FROM (${sql}) LIMIT 0`);
const source = { database, sql, columns };
const result = what === "profile" ? await profile(source) : await displaySource(source);
const milliseconds = performance.now() - before;
const { user, system } = process.cpuUsage(cpuBefore);
const rows = what === "profile" ? result.data.rows : undefined;
const peak = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ milliseconds, processor: (user + system) / 1000, peak, rows }));
