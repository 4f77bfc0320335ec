// Programs that compile: what they and the library cost the compiler has a budget.
import type { Table } from "../../../../ml/data/index.ts";
import {
  binning,
  columns,
  cross,
  dateParts,
  from,
  hashing,
  imputer,
  oneHot,
  ordinal,
  polynomial,
  powerScaler,
  standardScaler,
  targetEncoder,
} from "../../../../ml/features/index.ts";

type Flights = {
  readonly date: "timestamp";
  readonly delay: "int16";
  readonly distance: "int32";
  readonly fare: "decimal";
  readonly load: "float32";
  readonly origin: "string";
  readonly destination: "string";
  readonly cancelled: "boolean";
};
declare const flights: Table<Flights>;

export const fitted = await columns({
  date: dateParts("month", "weekday", "hour"),
  distance: [imputer("median", { indicator: true }), powerScaler()],
  fare: standardScaler(),
  load: [binning({ bins: 10 }), oneHot()],
  origin: oneHot({ handleUnknown: "ignore", minFrequency: 100 }),
  destination: targetEncoder(),
  cancelled: ordinal(),
  route: from(["origin", "destination"], cross({ minFrequency: 50 })),
  hashed: from("origin", hashing({ features: 16 })),
  products: from(["distance", "fare", "load"], imputer("mean"), polynomial(), standardScaler()),
}).fitTransform(flights, { target: "delay" });
