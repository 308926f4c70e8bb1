import type { Source } from '../job.ts';
import type { Run } from '../run.ts';
import type { RecordSet } from './record-set.ts';

/** All record sets of a source. */
export interface Listing {
  readonly recordSets: readonly RecordSet[];
  /**
   * How many answers it consists of. Several are not a snapshot: if the zone changes between them, a name that
   * was never removed can be missing.
   */
  readonly pages: number;
}

/**
 * Lists all record sets of a source, or throws a Fault: never a partial listing.
 * With a `suffix` (such as `prometheus.internal`) the source may omit names that do not end in it.
 */
export interface Records {
  /**
   * Requests what is independent of the record sets, such as a zone's properties: it may be sent while the
   * documents are read, and saves the first listing a round trip to another Region. Throws as `list` does.
   */
  prepare?(source: Source, run: Run): Promise<void>;
  list(source: Source, suffix: string | undefined, run: Run): Promise<Listing>;
}

/** Without a suffix, so that a name which no pattern matches is also found. */
export function wholeZones(records: Pick<Records, 'list'>): Records {
  return { list: (source, _suffix, run) => records.list(source, undefined, run) };
}
