import { dump } from 'js-yaml';
import { Fault } from '../fault.ts';
import type { Job } from '../job.ts';
import type { Target } from '../target.ts';
import { count, shellWord } from '../wording.ts';
import { hostOfAddress } from './address.ts';
import { compare, type WantedTarget } from './targets.ts';

/** Removals that are always allowed: a cluster or two are deleted on an ordinary day. */
const ALWAYS_ALLOWED = 2;

/**
 * Whether a list may be replaced. Counts are by host, without `also`.
 *
 *     before 10, after 7, maxRemoved 20%: 3 removed, limit 2   -> guard-max-removed
 *     before 3, after 1, maxRemoved 20%: 2 removed            -> allowed
 *     after 0, minTargets 1                                    -> guard-min-targets
 *     no annotation yet, and anything removed                  -> guard-adopt, with an `also:` block
 *
 * @returns the refusal as a Fault; undefined if the list may be replaced
 */
export function refusal(list: {
  readonly job: Pick<Job, 'name' | 'guard' | 'also'>;
  readonly before: readonly Target[];
  readonly after: readonly Target[];
  /** The object carries our annotation for this job. */
  readonly adopted: boolean;
  /** Names that `select` left out, where it selected none. */
  readonly near?: readonly string[];
}): Refusal | undefined {
  const { guard } = list.job;
  const force = `federation-sync sync --job ${shellWord(list.job.name)} --force`;
  // By address: a record may have a host that `also` has with another port.
  const also = new Set(list.job.also.map(({ address }) => address));
  const announced = (targets: readonly Target[]) =>
    hosts(targets.filter(({ address }) => !also.has(address)));
  const before = announced(list.before);
  const after = hosts(list.after);
  const removed = before.difference(after);
  const withheld = list.before.filter(
    ({ address }) => !also.has(address) && removed.has(hostOfAddress(address)),
  );
  const refused = (...fault: ConstructorParameters<typeof Fault>): Refusal => ({
    fault: new Fault(...fault),
    withheld,
  });
  if (!list.adopted && guard.adopt === 'refuse' && removed.size > 0) {
    return refused('guard-adopt', `the first run on this list would remove ${some(removed)}`, {
      remedy: `Keep them with the also: block, or remove them: guard.adopt: replace, or ${force}`,
      details: alsoBlock(withheld),
    });
  }
  const left = (also.size === 0 ? after : announced(list.after)).size;
  if (left < guard.minTargets) {
    return refused(
      'guard-min-targets',
      `${count(left, 'target')} selected, and minTargets is ${guard.minTargets}${nearText(list.near)}`,
      {
        remedy: `Correct select.name, or lower guard.minTargets; to remove the others once: ${force}`,
      },
    );
  }
  const [limit, text] =
    'count' in guard.maxRemoved
      ? [guard.maxRemoved.count, String(guard.maxRemoved.count)]
      : [(before.size * guard.maxRemoved.percent) / 100, `${guard.maxRemoved.percent}%`];
  if (removed.size > limit && removed.size > ALWAYS_ALLOWED) {
    return refused(
      'guard-max-removed',
      `${removed.size} of ${before.size} targets would be removed, and maxRemoved is ${text}: ${some(removed)}`,
      { remedy: `If they should be removed: ${force}` },
    );
  }
  return undefined;
}

function nearText(near: readonly string[] = []): string {
  return near.length === 0
    ? ''
    : `; select.name matches none of the names, such as ${near.join(', ')}`;
}

/** Why removals are refused, and the targets that therefore stay in the list. */
export interface Refusal {
  readonly fault: Fault;
  readonly withheld: readonly Target[];
}

/** The list that is written: what is wanted, and what the guard withholds. Sorted by code unit, as lists are. */
export function withWithheld(
  wanted: readonly WantedTarget[],
  withheld: readonly Target[],
): readonly WantedTarget[] {
  if (withheld.length === 0) return wanted;
  const all = [...wanted, ...withheld.map((target) => ({ ...target, origins: [] }))];
  return all.sort((a, b) => compare(a.address, b.address));
}

function hosts(targets: readonly Target[]): Set<string> {
  return new Set(targets.map(({ address }) => hostOfAddress(address)));
}

function some(names: ReadonlySet<string>): string {
  const shown = [...names].sort().slice(0, 5).join(', ');
  return names.size > 5 ? `${shown} and ${names.size - 5} more` : shown;
}

/** Lines of settings that keep these targets. */
function alsoBlock(targets: readonly Target[]): string[] {
  const also = targets.map(({ address, labels }) => ({
    targets: [address],
    ...(Object.keys(labels).length > 0 && { labels }),
  }));
  return dump({ also }, { lineWidth: -1 }).trimEnd().split('\n');
}
