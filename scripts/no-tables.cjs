// Stands for DuckDB in the pack of the GPU check, which reads no tables.
"use strict";
module.exports = {};
