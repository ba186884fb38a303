export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Another stream of chance that does not depend on how often this one was asked. */
  fork(name: string): SeededRandom;
}

/** The same choices for the same seed. Mulberry32 (public domain): small, and good enough to choose what to kill. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    fork: (name) => seededRandom(Array.from(name).reduce(mix, seed)),
  };
}

function mix(seed: number, character: string): number {
  return (Math.imul(seed, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
}
