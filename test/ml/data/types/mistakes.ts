// Mistakes that must not compile. The line after each comment has the one error that the comment tells of.
import { col, count, mean, rank, read, sql, sum, Table, when } from "../../../../ml/data/index.ts";
import type { Airports, Flights } from "./tables.ts";

declare const flights: Table<Flights>;
declare const airports: Table<Airports>;

// Did you mean '"distance"'?
flights.filter(col("distnace").gt(500));
// '"string"' is not assignable to type '"number"'
flights.filter(col("origin").gt(500));
// Did you mean '"origin"'?
flights.select("orgin", "delay");
// '"number"' is not assignable to type '"string"'
flights.derive({ low: col("delay").lower() });
// Did you mean '"delay"'?
flights.derive({ a: col("distance").add(1), b: col("deley").mul(2) });
// Did you mean '"delay"'?
flights.groupBy("origin").aggregate({ delay: mean(col("dealy")) });
// '"string"' is not assignable to type
flights.groupBy("origin").aggregate({ delay: mean(col("destination")) });
// '"group"' is not assignable to type '"row"'
flights.derive({ share: sum(col("delay")) });
// '"row"' is not assignable to type '"group"'
flights.groupBy("origin").aggregate({ delay: col("delay").add(1) });
// '"window"' is not assignable to type '"row"'
flights.derive({ r: rank() });
// Did you mean '"origin"'?
flights.groupBy("orign");
// Did you mean '"delay"'?
flights.sort("delya");
// Did you mean '"distance"'?
flights.sort(col("distanc").desc());
