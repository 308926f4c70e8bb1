import { type Blocked, blockedBy, keptUntil } from '../../live-lists.ts';
import type { Outcome } from '../../report.ts';
import type { Target } from '../../target.ts';
import { hostOfAddress } from '../../targets/address.ts';
import { differenceOf } from '../../targets/difference.ts';
import type { Skipped, Wanted } from '../../targets/targets.ts';
import { type ListKind, usableIn } from '../../targets/usable.ts';
import { plainHost } from './record-explanation.ts';

/** Whether a list has a name's targets now, and what the next sync does. */
export interface PlaceExplanation {
  readonly state: 'listed' | 'to-add' | 'to-change' | 'to-remove' | 'absent';
  readonly wanted: readonly Target[];
  readonly listed: readonly Target[];
  /** Not allowed in this list, for example a Thanos endpoint without a port. */
  readonly skipped: readonly Skipped[];
  /** Why the next sync does not make that change. */
  readonly blocked?: Blocked;
  /** Its name is gone, and `keep` holds it until then (ISO 8601). */
  readonly keptUntil?: string;
}

/**
 * @param wanted everything that the job wants
 * @param next what the next sync would do with the list
 */
export function explainPlace(
  asked: string,
  wanted: Wanted,
  list: ListKind & { readonly targets: readonly Target[] },
  next: Outcome,
): PlaceExplanation {
  const usable = usableIn(list, wanted);
  const here = usable.targets.filter(
    ({ address, origins }) =>
      plainHost(address) === asked ||
      origins.some((it) => it.kind === 'record' && plainHost(it.record.name) === asked),
  );
  const plain = new Set([asked, ...here.map(({ address }) => plainHost(address))]);
  const listed = list.targets.filter(({ address }) => plain.has(plainHost(address)));
  // As the lists and the outcome have them.
  const hosts = new Set([...here, ...listed].map(({ address }) => hostOfAddress(address)));
  const state = stateOf(listed, here);
  const blocked = [...hosts].map((host) => blockedBy(next, host)).find((by) => by !== undefined);
  const until = [...hosts].map((host) => keptUntil(next, host)).find((by) => by !== undefined);
  return {
    state,
    wanted: here.map(({ address, labels }) => ({ address, labels })),
    listed,
    skipped: usable.skipped.filter(
      (skipped) => !wanted.skipped.includes(skipped) && plain.has(plainHost(skipped.record)),
    ),
    ...(blocked && state.startsWith('to-') && { blocked }),
    ...(until !== undefined && { keptUntil: until }),
  };
}

function stateOf(listed: readonly Target[], wanted: readonly Target[]): PlaceExplanation['state'] {
  const { added, removed, changed } = differenceOf(listed, wanted);
  if (changed.length > 0) return 'to-change';
  if (added.length > 0) return 'to-add';
  if (removed.length > 0) return 'to-remove';
  return wanted.length > 0 ? 'listed' : 'absent';
}
