/**
 * @file The module's exports, for `../kernels.ts`: what a chunk of rows goes through, or one row, for thresholds of float32 or
 * float64 and for places among them of one, two or four bytes.
 */
import { place, placeSets } from "./place.as";
import { walkRow } from "./row.as";
import { predictTrees } from "./trees.as";

export function place32to8(
  rows: usize,
  count: u32,
  width: u32,
  table: usize,
  features: u32,
  zero: f64,
): void {
  place<f32, u8>(rows, count, width, table, features, zero);
}

export function place32to16(
  rows: usize,
  count: u32,
  width: u32,
  table: usize,
  features: u32,
  zero: f64,
): void {
  place<f32, u16>(rows, count, width, table, features, zero);
}

export function place64to8(
  rows: usize,
  count: u32,
  width: u32,
  table: usize,
  features: u32,
  zero: f64,
): void {
  place<f64, u8>(rows, count, width, table, features, zero);
}

export function place64to16(
  rows: usize,
  count: u32,
  width: u32,
  table: usize,
  features: u32,
  zero: f64,
): void {
  place<f64, u16>(rows, count, width, table, features, zero);
}

export function place32to32(
  rows: usize,
  count: u32,
  width: u32,
  table: usize,
  features: u32,
  zero: f64,
): void {
  place<f32, u32>(rows, count, width, table, features, zero);
}

export function placeSets32to32(rows: usize, count: u32, width: u32, table: usize, sets: u32): void {
  placeSets<f32, u32>(rows, count, width, table, sets);
}

export function placeSets32to8(rows: usize, count: u32, width: u32, table: usize, sets: u32): void {
  placeSets<f32, u8>(rows, count, width, table, sets);
}

export function placeSets32to16(rows: usize, count: u32, width: u32, table: usize, sets: u32): void {
  placeSets<f32, u16>(rows, count, width, table, sets);
}

export function place64to32(
  rows: usize,
  count: u32,
  width: u32,
  table: usize,
  features: u32,
  zero: f64,
): void {
  place<f64, u32>(rows, count, width, table, features, zero);
}

export function placeSets64to32(rows: usize, count: u32, width: u32, table: usize, sets: u32): void {
  placeSets<f64, u32>(rows, count, width, table, sets);
}

export function placeSets64to8(rows: usize, count: u32, width: u32, table: usize, sets: u32): void {
  placeSets<f64, u8>(rows, count, width, table, sets);
}

export function placeSets64to16(rows: usize, count: u32, width: u32, table: usize, sets: u32): void {
  placeSets<f64, u16>(rows, count, width, table, sets);
}

export function predict8(trees: usize, treeCount: u32, count: u32, sums: usize, stride: u32): void {
  predictTrees<u8>(trees, treeCount, count, sums, stride);
}

export function predict16(trees: usize, treeCount: u32, count: u32, sums: usize, stride: u32): void {
  predictTrees<u16>(trees, treeCount, count, sums, stride);
}

export function predict32(trees: usize, treeCount: u32, count: u32, sums: usize, stride: u32): void {
  predictTrees<u32>(trees, treeCount, count, sums, stride);
}

export function walkRow32(
  trees: usize,
  treeCount: u32,
  row: usize,
  setTable: usize,
  sets: u32,
  zero: f64,
  width: u32,
): void {
  walkRow<f32>(trees, treeCount, row, setTable, sets, zero, width);
}

export function walkRow64(
  trees: usize,
  treeCount: u32,
  row: usize,
  setTable: usize,
  sets: u32,
  zero: f64,
  width: u32,
): void {
  walkRow<f64>(trees, treeCount, row, setTable, sets, zero, width);
}
