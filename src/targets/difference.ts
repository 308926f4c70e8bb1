import { sameLabels, type Target } from '../target.ts';
import { hostOfAddress } from './address.ts';

/** What a write does to a list. */
export interface Difference<T extends Target = Target> {
  readonly added: readonly T[];
  readonly removed: readonly Target[];
  /** The same host with other labels, or under another address. */
  readonly changed: readonly { readonly before: Target; readonly after: T }[];
}

/**
 * Pairs the targets of two lists: equal ones, then those with one address, then those with one host. What remains
 * on one side was removed or added. Each target is paired once, so a duplicate that disappears is a removal.
 */
export function differenceOf<T extends Target>(
  before: readonly Target[],
  after: readonly T[],
): Difference<T> {
  const addressOf = (target: Target) => target.address;
  const equal = pair(before, after, addressOf, sameLabels);
  const address = pair(equal.restA, equal.restB, addressOf);
  const host = pair(address.restA, address.restB, (target) => hostOfAddress(target.address));
  return {
    added: host.restB,
    removed: host.restA,
    changed: [...address.pairs, ...host.pairs].map(([a, b]) => ({ before: a, after: b })),
  };
}

function pair<A, B extends A>(
  as: readonly A[],
  bs: readonly B[],
  key: (it: A) => string,
  fits: (a: A, b: B) => boolean = () => true,
): { pairs: [A, B][]; restA: A[]; restB: B[] } {
  const waiting = Map.groupBy(as, key);
  const pairs: [A, B][] = [];
  const restB: B[] = [];
  for (const b of bs) {
    const same = waiting.get(key(b)) ?? [];
    const at = same.findIndex((a) => fits(a, b));
    const [a] = at < 0 ? [] : same.splice(at, 1);
    if (a === undefined) restB.push(b);
    else pairs.push([a, b]);
  }
  return { pairs, restA: [...waiting.values()].flat(), restB };
}
