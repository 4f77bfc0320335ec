import { openDatabase, tableSource } from "./ml/data/index.ts";
import * as f from "./ml/features/index.ts";
const db = await openDatabase({ threads: 1 });
await db.run("CREATE TABLE t AS SELECT (exp(random()*3))::DOUBLE x, 'city ' || (random()*300)::INT c, 'k' || (random()*12)::INT k, (random()*90)::INT n, DATE '2000-01-01' + (random()*9000)::INT d, random() y FROM range(1000000)");
const t = await tableSource(db, "FROM t");
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
const cases: any = { standard: {x: f.standardScaler()}, robust: { x: f.robustScaler() }, quantile: { x: f.quantileScaler() }, quantileNormal: { x: f.quantileScaler({ distribution: "normal" }) }, power: { x: f.powerScaler() }, imputer: { x: f.imputer("median") }, bins: { x: f.binning({ bins: 10 }) }, kmeans: { x: f.binning({ bins: 10, strategy: "kMeans" }) }, ordinal: { c: f.ordinal() }, target: { c: f.targetEncoder() }, hashing: { c: f.hashing({ features: 16 }) }, cross: { p: f.from(["k", "n"], f.cross()) }, poly: { p: f.from(["x", "n"], f.polynomial()) }, dates: { d: f.dateParts("year", "month", "weekday") }, onehot300: { c: f.oneHot() } };
for (const [n, c] of Object.entries(cases)) { const a = cpu(); const fitted = await f.columns(c as any).fit(t as any, n === "target" ? { target: "y" } as any : {}); const b = cpu(); const m = await fitted.transform(t); const e = cpu(); console.log(n.padEnd(16), `fit ${(b-a).toFixed(0)} transform ${(e-b).toFixed(0)} width ${m.columns.length}`); }
db.close();
