import type { Target } from '../targets/target.ts';

/** Do both say the same, in whatever order? A target that stands there twice counts twice. */
export function sameList(one: readonly Target[], other: readonly Target[]): boolean {
  if (one.length !== other.length) return false;
  const counts = new Map<string, number>();
  for (const target of one) {
    const key = keyOf(target);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const target of other) {
    const key = keyOf(target);
    const count = counts.get(key) ?? 0;
    if (count === 0) return false;
    counts.set(key, count - 1);
  }
  return true;
}

/** Do both say the same in the same order? Labels have none. */
export function sameInOrder(one: readonly Target[], other: readonly Target[]): boolean {
  return (
    one.length === other.length &&
    one.every((target, i) => keyOf(target) === keyOf(other[i] as Target))
  );
}

function keyOf({ address, labels }: Target): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify([address, sorted]);
}
