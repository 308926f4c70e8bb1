import type { RecordSet } from './record-set.ts';

/** Where record sets come from: a hosted zone, or the JSON that `aws route53 list-resource-record-sets` prints. */
export type Source = ZoneSource | { readonly records: string };

export interface ZoneSource {
  /** Hosted zone id, without the `/hostedzone/` prefix. */
  readonly zone: string;
  /** A public zone is meant. */
  readonly public?: boolean;
  /** Role to assume for a zone of another account. */
  readonly roleArn?: string;
  readonly externalId?: string;
}

/** What every call that leaves the process gets: `signal` aborts when the run's time is over. */
export interface Run {
  readonly signal: AbortSignal;
}

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
