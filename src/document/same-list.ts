import { sameLabels, type Target } from '../target.ts';

/** Whether both have the same targets in any order. A duplicate counts twice. */
export function sameList(one: readonly Target[], other: readonly Target[]): boolean {
  if (one.length !== other.length) return false;
  if (sameInOrder(one, other)) return true;
  const addresses = new Set(one.map(({ address }) => address));
  if (!other.every(({ address }) => addresses.has(address))) return false;
  const counts = new Map<string, number>();
  for (const target of one) {
    const key = keyOf(target);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return other.every((target) => {
    const key = keyOf(target);
    const count = counts.get(key) ?? 0;
    counts.set(key, count - 1);
    return count > 0;
  });
}

/** Whether both have the same targets in the same order. Labels have no order. */
export function sameInOrder(one: readonly Target[], other: readonly Target[]): boolean {
  return (
    one.length === other.length && one.every((target, i) => sameTarget(target, other[i] as Target))
  );
}

function sameTarget(one: Target, other: Target): boolean {
  return one.address === other.address && sameLabels(one, other);
}

/** A key that only equal targets share: every part is preceded by its length. */
function keyOf({ address, labels }: Target): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  let key = address;
  for (const name of names) {
    const value = labels[name] as string;
    key += ` ${name.length}:${name} ${value.length}:${value}`;
  }
  return `${address.length}:${key}`;
}
