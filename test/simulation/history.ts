import type { Job } from '../../src/job.ts';
import type { Outcome } from '../../src/report.ts';
import { between, chance, oneOf } from './chance.ts';
import { Checker, GONE, MANAGED, PAUSED, textOf } from './checker.ts';
import { Cluster, type Stored } from './cluster.ts';
import { Coverage } from './coverage.ts';
import { Folder } from './disk.ts';
import { Process, type Starter, type Surroundings } from './process.ts';
import {
  encoded,
  FILE,
  hostsIn,
  isSkewed,
  type ListOf,
  type Scene,
  sceneOf,
  ZONES,
} from './scene.ts';
import { Time } from './time.ts';
import { Zone } from './zone.ts';

/** What somebody does at one time of a history. */
export interface Action {
  /** Of it, and of the runs it starts: their faults do not depend on the other actions. */
  readonly id: number;
  /** Milliseconds from the beginning. */
  readonly at: number;
  readonly what: keyof typeof ACTIONS;
}

const START = 1_764_165_600_000;

const ACTIONS = {
  'a name comes': 0.19,
  'a name goes': 0.2,
  'names go': 0.04,
  'a name goes and comes back': 0.14,
  'a name comes and goes': 0.08,
  'a name changes its type': 0.05,
  'the schedule runs': 0.08,
  'somebody runs it': 0.02,
  'somebody forces it': 0.05,
  'another key is edited': 0.03,
  'the text around is edited': 0.04,
  'an older text is put back': 0.02,
  'it is paused for a while': 0.02,
  'the memory is garbled': 0.01,
  'the memory is removed': 0.005,
  'it is deleted': 0.02,
};

interface Begun {
  readonly object: Stored | undefined;
  readonly text: string | undefined;
}
const BEGUN = new Map<Scene, Map<string, Begun>>();

// Their stacks say nothing here, and cost a tenth of the time.
Error.stackTraceLimit = 0;

export interface Result {
  readonly violations: readonly string[];
  readonly late: number;
}

/** The actions of a history. */
export function actionsOf(seed: number): Action[] {
  // Most of what can go wrong takes two or three of them.
  const count = between(1, chance(seed, 'long') < 0.1 ? 9 : 4, seed, 'count');
  // Close together in most histories, so that runs meet.
  const span = Number(oneOf({ '2000': 0.6, '500000': 0.4 }, seed, 'span'));
  return Array.from({ length: count }, (_, id): Action => {
    const what = oneOf(ACTIONS, seed, id, 'what') ?? 'the schedule runs';
    return { id, at: between(0, span, seed, id, 'at'), what };
  }).sort((a, b) => a.at - b.at || a.id - b.id);
}

/** Plays a history, and checks the promises while it lasts and at its end. */
export async function play(
  seed: number,
  actions: readonly Action[] = actionsOf(seed),
  options: { readonly coverage?: Coverage; readonly log?: (line: string) => void } = {},
): Promise<Result> {
  const history = new History(seed, options.coverage ?? new Coverage(), options.log);
  await history.play(actions);
  return { violations: history.checker.violations, late: history.checker.late };
}

/** The list of job one, while it is empty. */
const LEFT = /(job_name: one\n(?: .*\n)*? *static_configs:) \[\]/;
const LEFT_TEXT = "$1 [{targets: ['left.p.internal']}]";

const NOBODY: ReadonlySet<string> = new Set();

class History {
  readonly checker: Checker;
  readonly #seed: number;
  readonly #scene: Scene;
  readonly #time = new Time(START);
  readonly #zones: readonly Zone[];
  readonly #cluster: Cluster;
  readonly #folder = new Folder('/f');
  readonly #around: Surroundings;
  readonly #coverage: Coverage;
  readonly #log: ((line: string) => void) | undefined;
  readonly #skewed: boolean;
  /** The lists' texts after the first run. */
  #older: ReadonlyMap<ListOf, string | undefined> = new Map();
  /** Since when the lists are only changed by runs. */
  #disturbedAt = 0;
  #hasGivenUp = false;

  constructor(seed: number, coverage: Coverage, log: ((line: string) => void) | undefined) {
    this.#seed = seed;
    this.#scene = sceneOf(seed);
    this.#coverage = coverage;
    this.#log = log && ((line) => log(`${String(this.#time.now - START).padStart(8)} ms  ${line}`));
    this.#skewed = isSkewed(seed);
    const pageSize = oneOf({ '300': 0.5, '3': 0.3, '2': 0.2 }, seed, 'page') ?? '300';
    this.#zones = ZONES.map(([id, name]) => new Zone(id, name, this.#time, Number(pageSize)));
    this.#cluster = new Cluster(
      this.#scene.kind === 'secret' ? 'Secret' : 'ConfigMap',
      'prometheus',
    );
    this.checker = new Checker(this.#scene, this.#time, this.#zones, this.#log);
    this.checker.hasSkew = this.#skewed;
    this.checker.text = (list) => this.#textOf(list);
    this.#around = {
      seed,
      time: this.#time,
      zones: this.#zones,
      cluster: this.#cluster,
      folder: this.#folder,
      witness: this.checker,
      coverage,
      running: new Set(),
      isFaulty: false,
      storm: chance(seed, 'storm') < 0.3 ? 3 : 1,
      betweenPages: (process, zone, next) => this.#betweenPages(process, zone, next),
      log: this.#log,
    };
  }

  async play(actions: readonly Action[]): Promise<void> {
    await this.#begin();
    this.#around.isFaulty = true;
    const begun = this.#time.now;
    if (this.#isNew) this.#start(400, 'schedule', this.#scene.jobs);
    for (const action of actions) {
      this.#time.after(begun + action.at - this.#time.now, () => this.#act(action));
    }
    await this.#time.run(begun + 3_600_000);
    this.#checkOwnRuns();
    this.#around.isFaulty = false;
    await this.#end();
  }

  /** Nobody has run it on these lists before. */
  get #isNew(): boolean {
    return chance(this.#seed, 'new') < 0.15;
  }

  get #isFile(): boolean {
    return this.#scene.kind === 'file' || this.#scene.kind === 'file of ours';
  }

  #textOf(list: ListOf): string | undefined {
    if (this.#isFile) return this.#folder.text(FILE);
    return textOf(this.#scene, this.#cluster.object, list.key);
  }

  #zoneOf({ zone }: ListOf): Zone {
    return this.#zones.find(({ id }) => id === zone) as Zone;
  }

  /** A zone with some names, and a first run that writes and adopts its lists. */
  async #begin(): Promise<void> {
    // Most zones are small; larger ones have a budget of more than the one or two that may always go.
    const most = chance(this.#seed, 'large') < 0.15 ? 16 : 5;
    const sizes = this.#zones.map((_, i) => between(0, most, this.#seed, i, 'size'));
    for (const [i, zone] of this.#zones.entries()) {
      const size = sizes[i] as number;
      for (let n = 0; n < size; n++) zone.set(`c${n}.${zone.name}`, 'CNAME');
      zone.set(`other.${i}.internal`, 'A');
    }
    const { data, text } = this.#scene;
    if (this.#isFile && text !== '') this.#folder.save(FILE, text, 'rename');
    if (!this.#isFile && data) this.#cluster.put({ data, annotations: { note: 'foreign' } });
    // What another tool has left in the list.
    if (this.#isNew)
      this.#save(0, this.#scene.lists[0] as ListOf, (it) => it.replace(LEFT, LEFT_TEXT));
    if (!this.#isNew) await this.#begun(sizes);
    for (const list of this.#scene.lists) this.checker.changed(list);
    this.#older = new Map(this.#scene.lists.map((list) => [list, this.#textOf(list)]));
  }

  /** After a first run; what it leaves is the same in all histories of these settings and sizes. */
  async #begun(sizes: readonly number[]): Promise<void> {
    const key = sizes.join();
    const known = BEGUN.get(this.#scene) ?? new Map<string, Begun>();
    BEGUN.set(this.#scene, known);
    const { object, text } = known.get(key) ?? {};
    if (object || text !== undefined) {
      if (object) this.#cluster.put(object);
      else this.#folder.save(FILE, text, 'rename');
      for (const list of this.#scene.lists) this.checker.changed(list);
      return;
    }
    await this.#quietRun(this.#all);
    known.set(key, { object: this.#cluster.object, text: this.#folder.text(FILE) });
    this.checker.disturbed();
  }

  get #all(): ReadonlySet<string> {
    return new Set(this.#scene.jobs.map(({ name }) => name));
  }

  #act({ id, what }: Action): void {
    const { lists } = this.#scene;
    this.#coverage.see(what);
    const list = lists[between(0, lists.length, this.#seed, id, 'list')] as ListOf;
    const zone = this.#zoneOf(list);
    const { hosts } = zone;
    const fresh = `n${id}.${zone.name}`;
    // The same few, so that changes meet.
    const most = Math.min(hosts.length, 2);
    const known = hosts[between(0, most, this.#seed, id, 'host')] ?? fresh;
    this.#log?.(`${id}: ${what} (${list.job.name})`);
    const change = (before: () => void, later?: () => void) => {
      before();
      this.#changed(id, zone);
      if (!later) return;
      this.#time.after(between(1, 1_500, this.#seed, id, 'soon'), () => {
        later();
        this.#changed(id + 100, zone);
      });
    };
    const acts: Record<Action['what'], () => void> = {
      'a name comes': () => change(() => zone.set(fresh, 'A')),
      'a name goes': () => change(() => zone.remove(known)),
      'names go': () =>
        change(() => {
          for (const host of hosts) if (chance(this.#seed, id, host) < 0.6) zone.remove(host);
        }),
      'a name goes and comes back': () =>
        change(
          () => zone.remove(known),
          () => zone.set(known, 'A'),
        ),
      'a name comes and goes': () =>
        change(
          () => zone.set(fresh, 'A'),
          () => zone.remove(fresh),
        ),
      'a name changes its type': () => change(() => zone.retype(known)),
      'the schedule runs': () => this.#start(id, 'schedule', this.#scene.jobs),
      'somebody runs it': () => this.#start(id, 'person', [list.job]),
      'somebody forces it': () => this.#start(id, 'person', [list.job], new Set([list.job.name])),
      'another key is edited': () => this.#editOther(id),
      'the text around is edited': () =>
        this.#save(id, list, (text) => text.replace(/# (head|tail).*/, `# $1 ${id}`)),
      'an older text is put back': () => {
        this.#save(id, list, (text) => this.#older.get(list) ?? text);
        this.#disturb(id);
      },
      'it is paused for a while': () => this.#pause(id),
      'the memory is garbled': () => {
        this.#annotate({ [GONE]: '{' });
        this.#disturb(id);
      },
      'the memory is removed': () => {
        this.#annotate({ [GONE]: undefined });
        this.#disturb(id);
      },
      'it is deleted': () => {
        if (this.#isFile) this.#folder.save(FILE, undefined, 'rename');
        else this.#cluster.put(undefined);
        this.#disturb(id);
      },
    };
    acts[what]();
  }

  /** A name moves behind the place where the next page begins; its event comes as after any change. */
  #betweenPages(process: Process, zone: Zone, next: string): void {
    if (chance(this.#seed, process.id, this.#time.now, 'moves') > 0.04) return;
    this.#log?.(`${next} changes its type between two pages of ${process.name}`);
    this.#coverage.see('a name changes its type between two pages');
    zone.retype(next);
    this.#changed(500 + process.id, zone);
  }

  #editOther(id: number): void {
    const { object } = this.#cluster;
    if (!object || this.#isFile) return;
    const other = encoded(this.#scene.kind, `foreign ${id}`);
    this.#cluster.put({ data: { ...object.data, other } });
  }

  #pause(id: number): void {
    if (this.#isFile || !this.#cluster.object) return;
    this.#annotate({ [PAUSED]: 'true' });
    this.#time.after(between(1_000, 400_000, this.#seed, id, 'pause'), () => {
      this.#annotate({ [PAUSED]: undefined });
      // The schedule comes after a pause: an event that met it is done.
      this.#start(id + 200, 'schedule', this.#scene.jobs);
    });
  }

  #save(id: number, list: ListOf, change: (text: string) => string): void {
    const { key } = list;
    const before = this.#textOf(list);
    if (before === undefined) return;
    const after = change(before);
    if (this.#isFile) {
      const how = chance(this.#seed, id, 'in place') < 0.5 ? 'in place' : 'rename';
      this.#folder.save(FILE, after, how);
    } else {
      const data = this.#cluster.object?.data;
      this.#cluster.put({ data: { ...data, [key]: encoded(this.#scene.kind, after) } });
    }
  }

  #annotate(change: Readonly<Record<string, string | undefined>>): void {
    const { object } = this.#cluster;
    if (!object || this.#isFile) return;
    const entries = Object.entries({ ...object.annotations, ...change });
    const annotations = Object.fromEntries(entries.filter(([, text]) => text !== undefined));
    this.#cluster.put({ annotations: annotations as Record<string, string> });
  }

  /** Another writer changed the lists; the schedule repairs that. */
  #disturb(id: number): void {
    this.checker.disturbed();
    this.#disturbedAt = this.#time.now;
    this.#time.after(100_000, () => this.#start(id + 300, 'schedule', this.#scene.jobs));
  }

  /** The event of a change, after the batch window. */
  #changed(id: number, zone: Zone): void {
    const jobs = this.#scene.lists
      .filter((list) => this.#zoneOf(list) === zone)
      .map((it) => it.job);
    if (jobs.length === 0) return;
    const delay = chance(this.#seed, id, 'at once') < 0.7 ? 300 : 30_000;
    this.#time.after(between(0, delay, this.#seed, id, 'delay'), () =>
      this.#start(id, 'event', jobs),
    );
  }

  #start(id: number, starter: Starter, jobs: readonly Job[], forced?: ReadonlySet<string>): void {
    void this.#deliver(id * 10, starter, jobs, forced);
  }

  /** A queue delivers a message again where a retry can help; a schedule and a person come again by themselves. */
  async #deliver(
    id: number,
    starter: Starter,
    jobs: readonly Job[],
    forced: ReadonlySet<string> | undefined,
  ): Promise<void> {
    for (let delivery = 0; delivery < 5; delivery++) {
      const skew = this.#skewed
        ? between(-600_000, 600_000, this.#seed, id, delivery, 'skew')
        : between(-400, 400, this.#seed, id, delivery, 'skew');
      const process = new Process(this.#around, id + delivery, starter, {
        skew,
        ...(forced && { forced }),
      });
      this.#log?.(`${process.name} starts`);
      const outcomes = await process.run(jobs);
      if (outcomes) this.#ended(process, outcomes);
      const isAgain = outcomes?.some(({ fault }) => fault?.retryable) ?? true;
      if (!isAgain || starter === 'person') return;
      await this.#time.sleep(between(60_000, 200_000, this.#seed, id, delivery, 'visibility'));
    }
    this.#hasGivenUp = true;
  }

  #ended(process: Process, outcomes: readonly Outcome[]): void {
    for (const { job, status, fault } of outcomes) {
      this.#coverage.see(`status ${status}${fault ? ` ${fault.code}` : ''}`);
      this.#log?.(`${process.name} ends: ${job.name} ${status} ${fault ? fault.message : ''}`);
      if (fault?.code === 'internal') this.checker.violated(`${process.name}: ${fault.message}`);
    }
    this.checker.ended(process, outcomes);
  }

  /** Each change had its own run, redelivered on a fault: the lists are the zones', before any other run. */
  #checkOwnRuns(): void {
    const annotations = this.#cluster.object?.annotations ?? {};
    if (this.#hasGivenUp || this.checker.late > 0 || annotations[GONE] === '{') return;
    for (const list of this.#scene.lists) {
      const text = this.#textOf(list);
      const isOurs =
        this.#isFile || (annotations[MANAGED] ?? '').split(',').includes(list.job.name);
      if (text === undefined || !isOurs || this.#disturbedAt > 0) continue;
      const missing = this.#wantedIn(list).filter(
        (host) => !hostsIn(text, list.suffix).includes(host),
      );
      if (missing.length > 0)
        this.checker.violated(`${list.job.name} lacks ${missing} before any other run`);
      const isLoose = this.#isLoose(list);
      const extra = hostsIn(text, list.suffix).filter(
        (host) => !this.#wantedIn(list).includes(host),
      );
      if (isLoose && extra.length > 0) {
        this.checker.violated(`${list.job.name} still has ${extra} before any other run`);
      }
    }
  }

  /** Nothing keeps a target of that list from going at once. */
  #isLoose({ job }: ListOf): boolean {
    const { maxRemoved, minTargets } = job.guard;
    return (
      'percent' in maxRemoved && maxRemoved.percent === 100 && minTargets === 0 && job.keepMs === 0
    );
  }

  #wantedIn(list: ListOf): string[] {
    return this.#zoneOf(list).hosts.filter((host) => host.endsWith(`.${list.suffix}`));
  }

  async #quietRun(forced: ReadonlySet<string>): Promise<readonly Outcome[]> {
    const process = new Process(this.#around, 9_000 + this.#quietRuns++, 'person', {
      forced,
      skew: 0,
    });
    let outcomes: readonly Outcome[] = [];
    void process.run(this.#scene.jobs).then((ended) => {
      outcomes = ended ?? [];
      this.#ended(process, outcomes);
    });
    await this.#time.run(this.#time.now + 10_000);
    return outcomes;
  }
  #quietRuns = 0;

  /** Once faults have stopped, one run makes the lists equal to the zones, and the next writes nothing. */
  async #end(): Promise<void> {
    if (!this.#cluster.object && this.#scene.data) this.#cluster.put({ data: this.#scene.data });
    if (this.#isFile && this.#scene.text !== '' && this.#folder.text(FILE) === undefined) {
      this.#folder.save(FILE, this.#scene.text, 'rename');
    }
    const annotations = this.#cluster.object?.annotations;
    if (annotations?.[GONE] === '{' || annotations?.[PAUSED] !== undefined) {
      this.#annotate({ [PAUSED]: undefined, [GONE]: undefined });
      this.checker.disturbed();
    }
    const untouched = this.#state();
    const first = await this.#quietRun(NOBODY);
    if (first.length === 0) this.checker.violated('the last run did not end');
    for (const { job, status, fault, kept, withheld } of first) {
      const list = this.#scene.lists.find((it) => it.job === job) as ListOf;
      const staying = [...kept.map((it) => it.target), ...withheld];
      const hosts = [
        ...this.#wantedIn(list),
        ...staying.map(({ address }) => address.replace(/\.$/, '')),
      ];
      const isDone = status === 'written' || status === 'unchanged' || status === 'refused';
      if (!isDone) this.checker.violated(`the last run: ${job.name} ${status} ${fault?.message}`);
      else this.#checkEqual(list, [...new Set(hosts)].sort());
    }
    const isLeft = first.some(({ kept, withheld }) => kept.length + withheld.length > 0);
    if (isLeft) await this.#quietRun(this.#all);
    for (const list of this.#scene.lists) this.#checkEqual(list, this.#wantedIn(list));
    const before = this.#state();
    // A first run that wrote nothing is a second one already.
    if (before !== untouched) await this.#checkSecondRun(before);
    if (this.#isFile && this.#folder.names().length > 1) {
      this.checker.violated(`left over: ${this.#folder.names()}`);
    }
  }

  async #checkSecondRun(before: string): Promise<void> {
    for (const { job, status, fault } of await this.#quietRun(NOBODY)) {
      if (status === 'unchanged' || fault?.code === 'guard-min-targets') continue;
      this.checker.violated(`a second run: ${job.name} ${status} ${fault?.message}`);
    }
    if (this.#state() !== before) this.checker.violated('a second run wrote');
  }

  #state(): string {
    return this.#isFile ? `${this.#folder.text(FILE)}` : `${this.#cluster.object?.version}`;
  }

  #checkEqual(list: ListOf, expected: readonly string[]): void {
    const text = this.#textOf(list) ?? '';
    const is = hostsIn(text, list.suffix);
    const lost = list.job.also.find(({ address }) => !text.includes(address));
    if (lost) this.checker.violated(`in the end, ${list.job.name} lacks ${lost.address} of also`);
    if (is.join() !== expected.join()) {
      this.checker.violated(`in the end, ${list.job.name} is ${is}, not ${expected}`);
    }
  }
}
