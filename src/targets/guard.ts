import { Fault } from '../fault.ts';
import type { Job } from '../job.ts';
import type { Target } from '../target.ts';
import { count, durationText, firstOf, shellWord } from '../wording.ts';
import { hostOfAddress } from './address.ts';
import { keeping } from './also-block.ts';
import { type Gone, NOTHING_GONE } from './memory.ts';
import { compare, type Skipped, type WantedTarget } from './targets.ts';

/** Removals that are always allowed: a cluster or two are deleted on an ordinary day. */
const ALWAYS_ALLOWED = 2;

/** A list before and after, and what is remembered of the runs before this one. */
export interface Judged {
  readonly job: Pick<Job, 'name' | 'from' | 'guard' | 'also' | 'keepMs'>;
  readonly before: readonly Target[];
  readonly after: readonly Target[];
  /** The object carries our annotation for this job. */
  readonly adopted: boolean;
  /** Names that `select` left out, where it selected none. */
  readonly near?: readonly string[];
  /** What was selected, but cannot be in the list. */
  readonly skipped?: readonly Skipped[];
  /** A person lets all of them go. */
  readonly forced?: boolean;
  readonly gone: Gone | 'garbled';
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The result for the targets that are not wanted any more. */
export interface Judgement {
  /** The refusal. */
  readonly fault: Fault | undefined;
  /** They stay in the list because of it. */
  readonly withheld: readonly Target[];
  /** They stay until `keep` is over. */
  readonly kept: readonly Kept[];
  /** What to remember of the list from now on; undefined: the annotation is garbled, and stays as it is. */
  readonly gone: Gone | undefined;
  /** It has to be written although the list stays as it is. */
  readonly remembers: boolean;
}

/** A target whose name is gone, and that stays for a while. */
export interface Kept {
  readonly target: Target;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/**
 * Lets targets go, keeps them for a while, or withholds their removal. Counts are by host, without `also`; minTargets
 * counts it where the job has nothing else.
 *
 *     before 10, after 7, maxRemoved 20%: 3 removed, limit 2          -> guard-max-removed
 *     before 3, after 1, maxRemoved 20%: 2 removed                   -> allowed
 *     before 8, after 7, 2 of 10 removed within `per`: 3 of 10        -> guard-max-removed
 *     after 0, minTargets 1                                           -> guard-min-targets
 *     no annotation yet, and anything removed                         -> guard-adopt, with an `also:` block
 *     the memory cannot be read, and anything removed                 -> guard-memory
 */
export function judge(list: Judged): Judgement {
  const { job, now, forced = false } = list;
  // By address: a record may have a host that `also` has with another port.
  const also = new Set(job.also.map(({ address }) => address));
  const announced = (targets: readonly Target[]) =>
    targets.filter(({ address }) => !also.has(address));
  const before = hosts(announced(list.before));
  const after = hosts(list.after);
  const known = list.gone === 'garbled' ? NOTHING_GONE : corrected(list.gone, now);
  // A time from the future, by another machine's clock, counts as now.
  const sinceOf = (at: number) => Math.min(at * 1000, now);
  const missing = before.difference(after);
  const targetsAt = (some: ReadonlySet<string>) =>
    announced(list.before).filter(({ address }) => some.has(hostOfAddress(address)));

  const isReviewed = list.adopted || job.guard.adopt === 'replace';
  const until = (host: string) => sinceOf(known.hosts.get(host) ?? seconds(now)) + job.keepMs;
  const keeps = job.keepMs > 0 && isReviewed && !forced && list.gone !== 'garbled';
  const kept = new Set([...missing].filter((host) => keeps && until(host) > now));
  const leaving = missing.difference(kept);
  const removed = new Map(
    [...known.hosts].filter(
      ([host, at]) => !before.has(host) && !after.has(host) && sinceOf(at) > now - job.guard.perMs,
    ),
  );
  const more = sinceOf(known.more.at) > now - job.guard.perMs ? known.more : NOTHING_GONE.more;

  const fault = forced
    ? undefined
    : refusal(list, {
        before: before.size,
        left: (also.size === 0 || job.from.length === 0 ? after : hosts(announced(list.after)))
          .size,
        leaving,
        leavingTargets: targetsAt(leaving),
        removedBefore: removed.size + more.count,
        isReviewed,
      });
  const gone = new Map(removed);
  for (const host of missing) {
    const since = known.hosts.get(host);
    if (leaving.has(host) && !fault) {
      if (job.guard.perMs > 0) gone.set(host, seconds(now));
    } else if (kept.has(host) || (keeps && since !== undefined)) {
      gone.set(host, since ?? seconds(now));
    }
  }
  return {
    fault,
    withheld: fault ? targetsAt(leaving) : [],
    kept: targetsAt(kept).map((target) => ({
      target,
      until: until(hostOfAddress(target.address)),
    })),
    gone: list.gone === 'garbled' ? undefined : { hosts: gone, more },
    remembers:
      list.gone !== 'garbled' &&
      ([list.gone.more.at, ...list.gone.hosts.values()].some((at) => isAhead(at, now)) ||
        [...kept].some((host) => !known.hosts.has(host)) ||
        // Otherwise, its time would run on when its name goes again.
        (job.keepMs > 0 &&
          [...known.hosts.keys()].some((host) => before.has(host) && after.has(host)))),
  };
}

/** Why the hosts that would leave a list must stay. */
function refusal(
  { job, near, skipped = [], gone }: Judged,
  counted: {
    readonly before: number;
    /** Hosts that are wanted. */
    readonly left: number;
    readonly leaving: ReadonlySet<string>;
    readonly leavingTargets: readonly Target[];
    /** Hosts that runs before this one removed within `per`. */
    readonly removedBefore: number;
    readonly isReviewed: boolean;
  },
): Fault | undefined {
  const { guard } = job;
  const { leaving, left, removedBefore } = counted;
  const force = `federation-sync sync --job ${shellWord(job.name)} --force`;
  if (!counted.isReviewed && leaving.size > 0) {
    return new Fault('guard-adopt', `the first run on this list would remove ${some(leaving)}`, {
      ...keeping(job.also, counted.leavingTargets, `guard.adopt: replace, or ${force}`),
    });
  }
  if (left < guard.minTargets) {
    return new Fault(
      'guard-min-targets',
      `${count(left, 'target')} selected, and minTargets is ${guard.minTargets}${nearText(near)}${skippedText(skipped)}`,
      {
        remedy: `${
          skipped.some(({ reason }) => reason.includes('relabel_configs'))
            ? 'Give the job its relabel_configs back, also in the values of Helm'
            : 'Correct select.name, or lower guard.minTargets'
        }; to remove the others once: ${force}`,
      },
    );
  }
  if (leaving.size === 0) return undefined;
  if (gone === 'garbled' && (guard.perMs > 0 || job.keepMs > 0)) {
    return new Fault(
      'guard-memory',
      `it is unknown what was removed before, and ${some(leaving)} would be removed`,
    );
  }
  const all = counted.before + removedBefore;
  const removed = leaving.size + removedBefore;
  const [limit, text] =
    'count' in guard.maxRemoved
      ? [guard.maxRemoved.count, String(guard.maxRemoved.count)]
      : [(all * guard.maxRemoved.percent) / 100, `${guard.maxRemoved.percent}%`];
  if (removed <= limit || removed <= ALWAYS_ALLOWED) return undefined;
  const within =
    removedBefore > 0
      ? ` within ${durationText(guard.perMs)}, ${removedBefore} of them by runs before this one`
      : '';
  return new Fault(
    'guard-max-removed',
    `${removed} of ${all} targets would be removed${within}, and maxRemoved is ${text}: ${some(leaving)}`,
    { remedy: `If they should be removed: ${force}` },
  );
}

/** Rounded up, so that nothing is forgotten or let go too early. */
const seconds = (now: number) => Math.ceil(now / 1000);

/** Times further ahead than any clock that is used: left as they are, they would count as now for as long. */
function corrected({ hosts, more }: Gone, now: number): Gone {
  const at = (time: number) => (isAhead(time, now) ? seconds(now) : time);
  const times = [...hosts].map(([host, time]) => [host, at(time)] as const);
  return { hosts: new Map(times), more: { ...more, at: at(more.at) } };
}

const isAhead = (at: number, now: number) => at * 1000 > now + DAY;
const DAY = 86_400_000;

function nearText(near: readonly string[] = []): string {
  return near.length === 0
    ? ''
    : `; select.name matches none of the names, such as ${near.join(', ')}`;
}

/** The list that is written: what is wanted, and what stays. Sorted by code unit, as lists are. */
export function withStaying(
  wanted: readonly WantedTarget[],
  staying: readonly Target[],
): readonly WantedTarget[] {
  if (staying.length === 0) return wanted;
  const all = [...wanted, ...staying.map((target) => ({ ...target, origins: [] }))];
  return all.sort((a, b) => compare(a.address, b.address));
}

function hosts(targets: readonly Target[]): Set<string> {
  return new Set(targets.map(({ address }) => hostOfAddress(address)));
}

function some(names: ReadonlySet<string>): string {
  return firstOf([...names].sort(), 5);
}

/** `; 134 are skipped, the first for path-not-allowed: …` */
function skippedText(skipped: readonly Skipped[]): string {
  const [first] = skipped;
  if (!first) return '';
  const are = skipped.length === 1 ? '1 is skipped' : `${skipped.length} are skipped, the first`;
  return `; ${are} for ${first.code}: ${first.reason}`;
}
