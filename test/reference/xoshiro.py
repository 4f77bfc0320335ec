"""Writes xoshiro.json: the first outputs of xoshiro128** seeded by splitmix32.

Written from the authors' C code (https://prng.di.unimi.it/xoshiro128starstar.c) on unbounded integers.

Run with: python test/reference/xoshiro.py
"""

import json
from pathlib import Path

MASK = 0xFFFFFFFF


def splitmix32(seed, count):
    state = seed & MASK
    for _ in range(count):
        state = (state + 0x9E3779B9) & MASK
        mixed = ((state ^ (state >> 16)) * 0x21F0AAAD) & MASK
        mixed = ((mixed ^ (mixed >> 15)) * 0x735A2D97) & MASK
        yield mixed ^ (mixed >> 15)


def rotl(value, bits):
    return ((value << bits) | (value >> (32 - bits))) & MASK


def xoshiro128starstar(seed, count):
    s = list(splitmix32(seed, 4))
    for _ in range(count):
        yield (rotl((s[1] * 5) & MASK, 7) * 9) & MASK
        t = (s[1] << 9) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 11)


if __name__ == "__main__":
    cases = [{"seed": seed, "uint32": list(xoshiro128starstar(seed, 32))} for seed in (0, 1, -1, 123456789)]
    Path(__file__).with_suffix(".json").write_text(json.dumps(cases) + "\n")
