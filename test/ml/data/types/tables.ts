/** @file Columns for the programs of this folder. */
declare module "../../../../ml/data/column-types.ts" {
  interface TableFiles {
    "flights.parquet": Flights;
  }
}

export type Flights = {
  readonly date: "timestamp";
  readonly delay: "int16";
  readonly distance: "int32";
  readonly fare: "decimal";
  readonly load: "float32";
  readonly origin: "string";
  readonly destination: "string";
  readonly cancelled: "boolean";
  readonly seen: "timestamptz";
  readonly day: "date";
  readonly id: "int64";
};

export type Airports = {
  readonly iata: "string";
  readonly state: "string";
  readonly elevation: "float64";
  readonly day: "date";
};
