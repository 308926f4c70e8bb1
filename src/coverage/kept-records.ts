import type { Source } from '../job.ts';
import type { Listing, Records } from '../records/records.ts';
import type { Run } from '../run.ts';

/** Lists like `records`, and keeps the last listing of each source for who comes after the run. */
export class KeptRecords implements Records {
  readonly #records: Records;
  readonly #listings = new Map<string, Promise<Listing>>();

  constructor(records: Records) {
    this.#records = records;
  }

  prepare(source: Source, run: Run): Promise<void> {
    return this.#records.prepare?.(source, run) ?? Promise.resolve();
  }

  list(source: Source, suffix: string | undefined, run: Run): Promise<Listing> {
    const listing = this.#records.list(source, suffix, run);
    listing.catch(() => undefined);
    this.#listings.set(JSON.stringify(source), listing);
    return listing;
  }

  /** The listings that were kept, or why a source could not be listed. Others are listed now. */
  get kept(): Records {
    return {
      list: (source, suffix, run) =>
        this.#listings.get(JSON.stringify(source)) ?? this.list(source, suffix, run),
    };
  }
}
