import type { Outcome } from '../../src/report.ts';
import type { Stored } from './cluster.ts';
import type { Process, Sent, Witness } from './process.ts';
import { hostsIn, type ListOf, outside, type Scene } from './scene.ts';
import type { Time } from './time.ts';
import type { Zone } from './zone.ts';

export const MANAGED = 'route53-federation-sync/managed';
export const GONE = 'route53-federation-sync/gone';
export const PAUSED = 'route53-federation-sync/paused';

/** What is known of one list, independently of what the product remembers. */
interface Known {
  readonly list: ListOf;
  /** What the list held, and since when. */
  readonly past: { at: number; hosts: readonly string[] }[];
  /** The start of the listing that the latest write of ours was made from, and when it arrived. */
  written: number;
  writtenAt: number;
  /** The start of the latest listing of a run that found the list as wanted, and what that was. */
  claimed: number;
  /** Removals by host, in the time of the run that made them. */
  readonly removed: Map<string, number>;
  /** When a settled run last saw the host in its zone. */
  readonly observed: Map<string, number>;
}

/**
 * Checks the promises at each write and at the end of each run. All of it is written a second time here: nothing of
 * the product's guard, memory, rendering or reading is used.
 */
export class Checker implements Witness {
  readonly violations: string[] = [];
  /** A write that arrived after a newer run had found nothing to do, as README, Promises, allows. */
  late = 0;
  readonly #scene: Scene;
  readonly #time: Time;
  readonly #zones: ReadonlyMap<string, Zone>;
  readonly #lists: readonly Known[];
  readonly #log: ((line: string) => void) | undefined;
  /** Clocks were changed in this history, so durations mean nothing. */
  hasSkew = false;

  constructor(scene: Scene, time: Time, zones: readonly Zone[], log?: (line: string) => void) {
    this.#scene = scene;
    this.#time = time;
    this.#zones = new Map(zones.map((zone) => [zone.id, zone]));
    this.#log = log;
    this.#lists = scene.lists.map((list) => ({
      list,
      past: [{ at: 0, hosts: [] }],
      written: 0,
      writtenAt: 0,
      claimed: 0,
      removed: new Map(),
      observed: new Map(),
    }));
  }

  wrote(
    process: Process,
    { listed, hasSeenObject, at }: Sent,
    before: Stored | undefined,
    after: Stored | undefined,
  ): void {
    if (!after) {
      this.#violated(process, 'deleted the object');
      return;
    }
    if (!before && hasSeenObject) this.#violated(process, 'brought a deleted object back');
    const paused = before?.annotations[PAUSED] ?? '';
    if (paused !== '' && paused !== 'false') this.#violated(process, 'wrote a paused object');
    for (const key of new Set([...Object.keys(before?.data ?? {}), ...Object.keys(after.data)])) {
      const isOurs = this.#lists.some(({ list }) => list.key === key);
      const [was, is] = [textOf(this.#scene, before, key), textOf(this.#scene, after, key)];
      if (!isOurs && was !== is) this.#violated(process, `changed the key ${key}`);
    }
    for (const [name, value] of Object.entries(before?.annotations ?? {})) {
      const isOurs = name.startsWith('route53-federation-sync/') && name !== PAUSED;
      if (!isOurs && after.annotations[name] !== value) {
        this.#violated(process, `changed the annotation ${name}`);
      }
    }
    const adopted = before?.annotations[MANAGED]?.split(',');
    const isGarbled = before?.annotations[GONE] === '{';
    const remembersAnew = before?.annotations[GONE] !== after.annotations[GONE];
    for (const known of this.#lists) {
      if (remembersAnew) this.#forget(known, at);
      const { key, job } = known.list;
      const texts = [textOf(this.#scene, before, key), textOf(this.#scene, after, key)] as const;
      const isAdopted = !before || adopted?.includes(job.name) === true;
      this.#checkList(process, { listed, at }, known, ...texts, isAdopted);
      if (isGarbled) this.#checkGarbled(process, known.list, ...texts);
    }
  }

  replaced(process: Process, before: string | undefined, after: string): void {
    const sent = { listed: process.listed, at: this.#time.now + process.skew };
    for (const known of this.#lists) this.#checkList(process, sent, known, before, after, true);
  }

  #checkList(
    process: Process,
    { listed, at: now }: Pick<Sent, 'listed' | 'at'>,
    known: Known,
    before: string | undefined,
    after: string | undefined,
    isAdopted: boolean,
  ): void {
    const { list } = known;
    const { job, suffix } = list;
    if (after === undefined) {
      if (before !== undefined) this.#violated(process, `removed ${list.key}`);
      return;
    }
    const hasMore = this.#scene.text !== '' && before !== undefined;
    if (hasMore && outside(before) !== outside(after)) {
      this.#violated(process, `changed ${list.key} outside its lists:\n${before}---\n${after}`);
    }
    const was = hostsIn(before ?? '', suffix);
    const is = hostsIn(after, suffix);
    this.changed(list, after);
    if (was.join() === is.join()) return;
    // A creation has no version that could refuse it, if the object was deleted in between.
    if (process.hasClaimed && before !== undefined) {
      this.#violated(process, 'had ended, and its write arrived later');
    }
    this.#log?.(`${process.name} writes ${job.name}: ${was} -> ${is}`);
    const listings = listed.get(list.zone) ?? [];
    const start = listings.at(-1)?.start ?? 0;
    if (start < known.written) {
      this.#violated(process, `wrote a list of ${start} over one of ${known.written}`);
    }
    if (start < known.claimed) this.late += 1;
    known.written = start;
    known.writtenAt = this.#time.now;

    const removed = was.filter((host) => !is.includes(host));
    this.#checkRemovals(process, known, removed, listings);
    const isForced = process.forced.has(job.name);
    if (removed.length > 0 && !isForced) {
      if (!isAdopted && job.guard.adopt === 'refuse') {
        this.#violated(process, `removed ${removed} from a list that nobody has reviewed`);
      }
      if (is.length < job.guard.minTargets) this.#violated(process, `left ${is.length} targets`);
      this.#checkBudget(process, known, was, is, removed, now);
      this.#checkKeep(process, known, removed);
    }
    for (const host of is) known.removed.delete(host);
    this.#forget(known, now);
    for (const host of removed) known.removed.set(host, now);
  }

  /** What is over by the clock of a run that writes its memory: another clock cannot bring it back. */
  #forget({ list, removed }: Known, now: number): void {
    for (const [host, at] of removed) {
      if (isOver(at, now, list.job.guard.perMs)) removed.delete(host);
    }
  }

  #checkGarbled(process: Process, list: ListOf, before = '', after = ''): void {
    const { name, guard, keepMs } = list.job;
    if (process.forced.has(name) || (guard.perMs === 0 && keepMs === 0)) return;
    const is = hostsIn(after, list.suffix);
    const removed = hostsIn(before, list.suffix).filter((host) => !is.includes(host));
    if (removed.length > 0) this.#violated(process, `removed ${removed} with a garbled memory`);
  }

  /** Only a host that its listings lacked, all of them, is removed; and two, if it was there all the while. */
  #checkRemovals(
    process: Process,
    { list }: Known,
    removed: readonly string[],
    listings: readonly { start: number; hosts: ReadonlySet<string> }[],
  ): void {
    const zone = this.#zones.get(list.zone) as Zone;
    for (const host of removed) {
      if (listings.some(({ hosts }) => hosts.has(host))) {
        this.#violated(process, `removed ${host}, which it had listed`);
      } else if (listings.length < 2 && zone.wasThereSince(host, listings[0]?.start ?? 0)) {
        this.#violated(process, `removed ${host}, which was always there`);
      }
    }
  }

  #checkBudget(
    process: Process,
    { list, removed: earlier }: Known,
    was: readonly string[],
    is: readonly string[],
    removed: readonly string[],
    now: number,
  ): void {
    const { maxRemoved, perMs } = list.job.guard;
    const counted = [...earlier].filter(
      ([host, at]) => !isOver(at, now, perMs) && !was.includes(host) && !is.includes(host),
    );
    const all = was.length + counted.length;
    const total = removed.length + counted.length;
    const limit = 'count' in maxRemoved ? maxRemoved.count : (all * maxRemoved.percent) / 100;
    if (total > limit && total > 2) {
      this.#violated(
        process,
        `removed ${removed}: with ${counted.map(([host]) => host)} ${total} of ${all}`,
      );
    }
  }

  #checkKeep(process: Process, { list, observed }: Known, removed: readonly string[]): void {
    const { keepMs } = list.job;
    if (keepMs === 0 || this.hasSkew) return;
    for (const host of removed) {
      const kept = this.#time.now - (observed.get(host) ?? 0);
      // A late write can begin the time as much too early.
      if (kept < keepMs - 80_000) this.#violated(process, `kept ${host} for ${kept} ms only`);
    }
  }

  /** A list may have changed, by whomever: what it holds from now on. */
  changed(list: ListOf, text = this.text(list)): void {
    const known = this.#lists.find((it) => it.list === list) as Known;
    known.past.push({ at: this.#time.now, hosts: hostsIn(text ?? '', list.suffix) });
  }

  /** Set by the history: the text of a list as it is now. */
  text: (list: ListOf) => string | undefined = () => undefined;

  /** Another writer changed the lists, or what we remember of them. */
  disturbed(): void {
    for (const known of this.#lists) {
      known.removed.clear();
      known.written = 0;
      known.claimed = 0;
      this.changed(known.list);
    }
  }

  /** A run that says the list is as wanted is right, at one moment since its last look at records and object. */
  ended(process: Process, outcomes: readonly Outcome[]): void {
    process.hasClaimed = outcomes.every(({ status }) => status !== 'failed');
    for (const outcome of outcomes) {
      const known = this.#lists.find(({ list }) => list.job.name === outcome.job.name) as Known;
      if (!['written', 'unchanged', 'refused'].includes(outcome.status)) continue;
      const wanted = outcome.targets
        .map(({ address }) => address.replace(/\.$/, ''))
        .filter((host) => host.endsWith(known.list.suffix));
      const staying = [...outcome.kept.map(({ target }) => target), ...outcome.withheld];
      const all = [...wanted, ...staying.map(({ address }) => address.replace(/\.$/, ''))];
      const expected = [...new Set(all)].filter((host) => host.endsWith(known.list.suffix)).sort();
      if (outcome.status !== 'refused') this.#checkClaim(process, known, expected);
      if (outcome.status !== 'written') this.#claims(process, known);
      if (!outcome.warnings.some(({ code }) => code === 'not-annotated')) {
        for (const host of wanted) known.observed.set(host, process.lastListing);
      }
    }
  }

  #claims(process: Process, known: Known): void {
    known.claimed = Math.max(known.claimed, process.lastListing);
    // An older list arrived after its last look, and before it ended.
    const isOlder = known.written < process.lastListing;
    if (isOlder && known.writtenAt >= process.lastRead) this.late += 1;
  }

  #checkClaim(process: Process, { list, past }: Known, expected: readonly string[]): void {
    const text = expected.join();
    for (let i = past.length - 1; i >= 0; i--) {
      const { at, hosts } = past[i] as Known['past'][number];
      if (hosts.join() === text) return;
      if (at <= Math.max(process.lastListing, process.lastRead)) break;
    }
    const now = past.at(-1)?.hosts;
    this.#violated(process, `says that ${list.job.name} is ${text}, and it is ${now}`);
  }

  #violated(process: Process, what: string): void {
    this.violated(`${process.name} ${what}`);
  }

  violated(what: string): void {
    this.violations.push(what);
    this.#log?.(`VIOLATION: ${what}`);
  }
}

/** The product rounds up to seconds, and decides before it writes: retries of the write can take a while. */
const isOver = (at: number, now: number, perMs: number) =>
  Math.min(at, now) <= now - perMs + 30_000;

/** The text of a key, decoded. */
export function textOf(
  { kind }: Scene,
  stored: Stored | undefined,
  key: string,
): string | undefined {
  const value = stored?.data[key];
  return kind === 'secret' && value !== undefined ? Buffer.from(value, 'base64').toString() : value;
}
