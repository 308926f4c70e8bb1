/**
 * A number from 0 to below 1 that depends on these keys alone: nothing is drawn in an order, so that one action of a
 * history can be left out without moving the faults of the others.
 */
export function chance(...keys: readonly (number | string)[]): number {
  let h = 0x9e3779b9;
  for (const key of keys) {
    if (typeof key === 'number') h = mix(h ^ key);
    else for (let i = 0; i < key.length; i++) h = mix(h ^ key.charCodeAt(i));
    h = mix(h ^ 0x85ebca6b);
  }
  return (h >>> 0) / 4_294_967_296;
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A whole number from `from` to below `to`. */
export function between(from: number, to: number, ...keys: readonly (number | string)[]): number {
  return from + Math.floor(chance(...keys) * (to - from));
}

/** One of these, the first with this probability, and so on; undefined with what is left. */
export function oneOf<T extends string>(
  weights: Readonly<Record<T, number>>,
  ...keys: readonly (number | string)[]
): T | undefined {
  return oneAt(weights, chance(...keys));
}

/** The same at a point from 0 to below 1. */
export function oneAt<T extends string>(
  weights: Readonly<Record<T, number>>,
  point: number,
): T | undefined {
  let at = point;
  for (const name in weights) {
    at -= weights[name];
    if (at < 0) return name;
  }
  return undefined;
}
