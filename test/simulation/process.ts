import { Agent } from 'node:https';
import { Fault } from '../../src/fault.ts';
import { type Answer, type Exchange, NoResponse } from '../../src/http.ts';
import type { Job } from '../../src/job.ts';
import { fileObjects } from '../../src/objects/file/file.ts';
import { KubernetesClient } from '../../src/objects/kubernetes/client.ts';
import { KubernetesObjects } from '../../src/objects/kubernetes/objects.ts';
import { objectsOf } from '../../src/objects/objects.ts';
import type { Ports } from '../../src/ports.ts';
import { Route53 } from '../../src/records/route53.ts';
import type { Outcome } from '../../src/report.ts';
import { sync } from '../../src/sync.ts';
import { between, chance, oneAt } from './chance.ts';
import { type Cluster, type Stored, status } from './cluster.ts';
import type { Coverage } from './coverage.ts';
import type { Folder } from './disk.ts';
import { clockOf, type Time } from './time.ts';
import type { Ask, Zone } from './zone.ts';

export type Starter = 'event' | 'schedule' | 'person';

/** The longest that a request is under way: 15 s until we end the connection, and the API server's 60 s. */
const LONGEST_DELAY = 75_000;

/** What happens to a request of the Kubernetes API, by probability; else nothing does. */
const NETWORK = {
  refused: 0.02,
  lost: 0.02,
  unanswered: 0.03,
  late: 0.04,
  doubled: 0.03,
  conflict: 0.01,
  throttled: 0.01,
  'error before': 0.01,
  'error after': 0.02,
  'timeout after': 0.02,
  torn: 0.02,
  slow: 0.04,
};

const READING = { ...NETWORK, conflict: 0 };

/** What happens to a request of Route 53, after the SDK's own attempts. */
const ROUTE53 = { throttled: 0.02, broken: 0.02, torn: 0.01, slow: 0.06 };

/** What the parts of a history tell the one that checks it. */
export interface Witness {
  wrote(process: Process, sent: Sent, before: Stored | undefined, after: Stored | undefined): void;
  replaced(process: Process, before: string | undefined, after: string): void;
}

/** The listings of an attempt, by zone. */
export type Listed = ReadonlyMap<string, readonly { start: number; hosts: ReadonlySet<string> }[]>;

/** What a run knew when it sent a write. */
export interface Sent {
  readonly listed: Listed;
  readonly hasSeenObject: boolean;
  /** When it sent it, by its own clock: the write may arrive much later, and holds this time. */
  readonly at: number;
}

export interface Surroundings {
  readonly seed: number;
  readonly time: Time;
  readonly zones: readonly Zone[];
  readonly cluster: Cluster;
  readonly folder: Folder;
  readonly witness: Witness;
  readonly coverage: Coverage;
  /** Runs that have not ended. */
  readonly running: Set<Process>;
  /** Faults and kills happen. */
  isFaulty: boolean;
  /** How much more often than usual. */
  readonly storm: number;
  /** A zone may change between two pages of a listing; `next` is the name that the next page begins with. */
  readonly betweenPages: (process: Process, zone: Zone, next: string) => void;
  log?: ((line: string) => void) | undefined;
}

/** One run of the product, from the code of the core to the last byte that it exchanges. */
export class Process {
  readonly id: number;
  readonly starter: Starter;
  readonly forced: ReadonlySet<string>;
  /** Milliseconds that its clock is ahead. */
  readonly skew: number;
  /** When the listing of each zone began, for the attempt under way. */
  listed: Listed = new Map();
  /** It has ended, and said that all was well. */
  hasClaimed = false;
  /** It has read the object, and it was there. */
  hasSeenObject = false;
  /** When its latest listing, and its latest reading of the object, began. */
  lastListing = 0;
  lastRead = 0;
  readonly #around: Surroundings;
  readonly #killAt: number;
  #step = 0;
  #isDead = false;
  #killed: () => void = () => undefined;

  constructor(
    around: Surroundings,
    id: number,
    starter: Starter,
    options: { readonly forced?: ReadonlySet<string>; readonly skew: number },
  ) {
    this.id = id;
    this.starter = starter;
    this.forced = options.forced ?? new Set();
    this.skew = options.skew;
    this.#around = around;
    const { seed, isFaulty } = around;
    const isKilled = isFaulty && chance(seed, id, 'killed') < 0.08;
    this.#killAt = isKilled ? between(0, 30, seed, id, 'kill at') : -1;
  }

  /** The outcomes; undefined: it was killed. */
  async run(jobs: readonly Job[]): Promise<readonly Outcome[] | undefined> {
    const { seed, time, running, isFaulty } = this.#around;
    const controller = new AbortController();
    const isShort = isFaulty && chance(seed, this.id, 'short') < 0.1;
    time.after(isShort ? between(100, 8_000, seed, this.id, 'deadline') : 118_000, () =>
      controller.abort(new Fault('deadline', 'the run timed out')),
    );
    running.add(this);
    const killed = new Promise<undefined>((resolve) => {
      this.#killed = () => resolve(undefined);
    });
    const random = () => chance(seed, this.id, this.#step, 'random');
    const clock = clockOf(time, () => this.skew, random, this.#at);
    const work = sync(jobs, this.#ports(), {
      signal: controller.signal,
      clock,
      forced: this.forced,
      patternMs: Number.POSITIVE_INFINITY,
    });
    try {
      return await Promise.race([work, killed]);
    } finally {
      running.delete(this);
    }
  }

  #ports(): Ports {
    const { zones, cluster, folder, witness } = this.#around;
    const byId = new Map(zones.map((zone) => [zone.id, zone]));
    const route53 = new Route53({
      client: async ({ zone }) =>
        (byId.get(zone) as Zone).client(this.#aws(byId.get(zone) as Zone)),
    });
    const options = { agent: NO_AGENT };
    const access = { signIn: async () => ({ server: 'https://k', options }), renew: () => {} };
    const client = new KubernetesClient(access, {
      exchange: (asked) => this.#exchange(asked, cluster),
    });
    const disk = folder.disk(this.#at, (_, before, after) => witness.replaced(this, before, after));
    const objects = objectsOf(
      async () => fileObjects(disk),
      () => new KubernetesObjects(client),
    );
    return {
      objects: {
        ...objects,
        read: (...args) => {
          this.listed = new Map();
          this.lastRead = this.#around.time.now;
          return objects.read(...args);
        },
      },
      records: {
        prepare: async (source, run) => {
          if ('zone' in source) await route53.zone(source, run);
        },
        list: async (source, suffix, run) => {
          const start = this.#around.time.now;
          this.lastListing = start;
          if (!('zone' in source)) throw new Error('no such source');
          const listing = await route53.list(source, suffix, run);
          const hosts = new Set(listing.recordSets.map(({ name }) => name.slice(0, -1)));
          const before = this.listed.get(source.zone) ?? [];
          this.listed = new Map([...this.listed, [source.zone, [...before, { start, hosts }]]]);
          return listing;
        },
      },
    };
  }

  /** Every await of the run: others may come first, and the process may end here. */
  readonly #at = async (where: string): Promise<void> => {
    const { seed, time, coverage, running, log } = this.#around;
    const step = this.#step++;
    coverage.meet(this.starter, running);
    if (step === this.#killAt && this.#around.isFaulty) {
      this.#isDead = true;
      coverage.count('killed', where);
      log?.(`${this.name} is killed at ${where}`);
      this.#killed();
    }
    if (this.#isDead) return new Promise<never>(() => undefined);
    // Sometimes the process has to wait for its processor.
    const isStarved = this.#around.isFaulty && chance(seed, this.id, step, 'starved') < 0.02;
    const most = isStarved ? 3_000 : 20;
    await time.sleep(between(0, most, seed, this.id, step, 'wait'));
  };

  get name(): string {
    return `run ${this.id} (${this.starter})`;
  }

  #faultOf<T extends string>(weights: Readonly<Record<T, number>>, where: string): T | undefined {
    const { seed, isFaulty, coverage, log } = this.#around;
    if (!isFaulty) return undefined;
    // Most runs meet no fault, so that the work of others is not always disturbed.
    if (chance(seed, this.id, 'calm') < 0.4) return undefined;
    const fault = oneAt(weights, chance(seed, this.id, this.#step, where) / this.#around.storm);
    if (fault) {
      coverage.count(fault, where);
      log?.(`${this.name}: ${where} is ${fault}`);
    }
    return fault;
  }

  #aws(zone: Zone): Ask {
    return (what, answer) => this.#askAws(zone, what, answer);
  }

  async #askAws(zone: Zone, what: 'look' | 'list', answer: () => object): Promise<object> {
    await this.#at(`route53 ${what}`);
    const fault = this.#faultOf(ROUTE53, `route53 ${what}`);
    if (fault === 'slow') await this.#pause('slow', 20, 4_000);
    const answered: { readonly NextRecordName?: string } = answer();
    const next = answered.NextRecordName;
    if (next && this.#around.isFaulty) this.#around.betweenPages(this, zone, next.slice(0, -1));
    await this.#at(`route53 ${what} answered`);
    if (fault === 'throttled') throw named('ThrottlingException');
    if (fault === 'broken') throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    return fault === 'torn' ? {} : answered;
  }

  #pause(why: string, from: number, to: number): Promise<void> {
    const { seed, time } = this.#around;
    return time.sleep(between(from, to, seed, this.id, this.#step, why));
  }

  async #exchange(asked: Exchange, cluster: Cluster): Promise<Answer> {
    const { method, signal } = asked;
    const where = method.toLowerCase();
    await this.#at(where);
    if (signal.aborted) throw new NoResponse('aborted', false);
    const fault = this.#faultOf(method === 'GET' ? READING : NETWORK, where);
    if (fault === 'refused') throw new NoResponse('broken', false);
    // From here on, the request may arrive, even if the run ends first.
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new NoResponse('aborted', true)), {
        once: true,
      });
    });
    return Promise.race([this.#answered(asked, cluster, fault), aborted]);
  }

  async #answered(
    { method, url, body }: Exchange,
    cluster: Cluster,
    fault: keyof typeof NETWORK | undefined,
  ): Promise<Answer> {
    const { seed, time, witness } = this.#around;
    const where = method.toLowerCase();
    const request = { method, path: url.pathname, body };
    const sent: Sent = {
      listed: this.listed,
      hasSeenObject: this.hasSeenObject,
      at: time.now + this.skew,
    };
    const deliver = () =>
      cluster.handle(request, (before, after) => witness.wrote(this, sent, before, after));
    const later = (most: number) =>
      time.after(between(1, most, seed, this.id, this.#step, 'later'), deliver);
    switch (fault) {
      case 'lost':
      case 'late':
        if (fault === 'late') later(LONGEST_DELAY);
        if (chance(seed, this.id, this.#step, 'timeout') < 0.3) {
          await time.sleep(15_000);
          throw new NoResponse('answer-timeout', true);
        }
        await this.#pause('broken', 1, 2_000);
        throw new NoResponse('broken', true);
      case 'conflict':
        return status(409, 'Conflict');
      case 'throttled':
        return status(429, 'TooManyRequests');
      case 'error before':
        return status(500, 'InternalError');
    }
    if (fault === 'slow') await this.#pause('slow', 20, 10_000);
    const answer = deliver();
    if (fault === 'doubled') later(30_000);
    await this.#at(`${where} answered`);
    // A whole status with half of a body comes from a proxy that answers for itself, never for a refusal.
    const isCut = fault === 'torn' && answer.status >= 300;
    if (fault === 'unanswered' || isCut) throw new NoResponse('broken', true);
    if (fault === 'error after') return status(500, 'InternalError');
    if (fault === 'timeout after') return status(504, 'Timeout');
    if (fault === 'torn') {
      return { ...answer, bytes: answer.bytes.subarray(0, answer.bytes.length / 2) };
    }
    if (method === 'GET' && answer.status === 200) this.hasSeenObject = true;
    return answer;
  }
}

/** The simulated exchange makes no connections; a real agent for each run costs 2 % of the time. */
const NO_AGENT = new Agent();

const named = (name: string) => Object.assign(new Error(name), { name });
