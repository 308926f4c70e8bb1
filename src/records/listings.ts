import type { Job, Source } from '../job.ts';
import type { Run } from '../run.ts';
import type { RecordSet } from './record-set.ts';
import type { Listing, Records } from './records.ts';
import { commonSuffix, suffixOf } from './suffix.ts';

/**
 * The listings of one run: every source is read at most once, for all jobs that use it, and one after the
 * other, so that the account's limit on calls is respected.
 */
export class Listings {
  readonly #records: Records;
  readonly #jobs: readonly Job[];
  readonly #run: Run;
  readonly #prepared = new Map<string, Promise<void>>();
  readonly #read = new Map<string, Promise<Listing>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(records: Records, jobs: readonly Job[], run: Run) {
    this.#records = records;
    this.#jobs = jobs;
    this.#run = run;
  }

  /** Requests everything except the listings. Never rejects: a fault surfaces with its listing. */
  async prepare(): Promise<void> {
    for (const { source } of this.#jobs.flatMap(({ from }) => from)) {
      const key = JSON.stringify(source);
      if (this.#prepared.has(key)) continue;
      const prepared = this.#last.then(() => this.#records.prepare?.(source, this.#run));
      this.#last = prepared.catch(() => undefined);
      this.#prepared.set(key, prepared);
    }
    await this.#last;
  }

  /** The record sets of each `from` of a job. Throws the Fault of the first source that could not be read. */
  async of(job: Job): Promise<(readonly RecordSet[])[]> {
    const all: (readonly RecordSet[])[] = [];
    for (const { source } of job.from) all.push((await this.#list(source)).recordSets);
    return all;
  }

  /** Whether one of the job's listings has several pages, and so is no snapshot. */
  async arePaged(job: Job): Promise<boolean> {
    const listed = await Promise.all(job.from.map(({ source }) => this.#list(source)));
    return listed.some(({ pages }) => pages > 1);
  }

  /** Empty listings: what was read before a conflict may be older than the document. */
  again(): Listings {
    return new Listings(this.#records, this.#jobs, this.#run);
  }

  #list(source: Source): Promise<Listing> {
    const key = JSON.stringify(source);
    const known = this.#read.get(key);
    if (known) return known;
    const listing = this.#last
      .then(() => this.#prepared.get(key))
      .then(() => this.#records.list(source, this.#suffix(key), this.#run));
    this.#last = listing.catch(() => undefined);
    this.#read.set(key, listing);
    return listing;
  }

  /** The suffix that all selections from this source share. */
  #suffix(key: string): string | undefined {
    const froms = this.#jobs
      .flatMap(({ from }) => from)
      .filter(({ source }) => JSON.stringify(source) === key);
    return commonSuffix(froms.map(({ select }) => suffixOf(select.name)));
  }
}
