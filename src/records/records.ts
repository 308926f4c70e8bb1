import type { Source } from '../job.ts';
import type { Run } from '../run.ts';
import type { RecordSet } from './record-set.ts';

/**
 * Lists all record sets of a source, or throws a Fault: a partial listing is never an answer.
 * `suffix` (as `prometheus.internal`) lets the source leave out names that do not end in it.
 */
export interface Records {
  /**
   * Asks what tells nothing of record sets, as a zone's properties: it may go out before the documents are read,
   * beside them, and saves the first listing of a container a round trip to another Region. Throws as `list` does.
   */
  prepare?(source: Source, run: Run): Promise<void>;
  list(source: Source, suffix: string | undefined, run: Run): Promise<readonly RecordSet[]>;
}
