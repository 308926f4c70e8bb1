import { sameLabels, type Target } from '../target.ts';

/** Targets that are written together, with the labels of all of them. */
export interface TargetGroup {
  readonly addresses: readonly string[];
  readonly labels: Target['labels'];
}

/**
 * How a list is written: a group for each target, because each has its own labels. A list that is one group stays
 * one while its targets have the labels of that group, so that adding a name changes a line, not the whole list.
 *
 * @param current the only group of the list as it is; undefined where it has none, or several
 */
export function groupsOf(
  wanted: readonly Target[],
  current: Target['labels'] | undefined,
): readonly TargetGroup[] {
  const [first] = wanted;
  if (first && current && wanted.every((target) => sameLabels(target, { labels: current })))
    return [{ addresses: wanted.map(({ address }) => address), labels: first.labels }];
  return wanted.map(({ address, labels }) => ({ addresses: [address], labels }));
}
