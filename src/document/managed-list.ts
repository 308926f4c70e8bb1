import type { Format } from '../formats.ts';
import type { Target } from '../target.ts';

/** The job that a list belongs to, and the format of its document. */
export interface ListOwner {
  readonly format: Format;
  /** The job_name, in the formats that have one. */
  readonly job: string;
  /** file_sd: the key or file name ends in .json. */
  readonly json?: boolean;
}

/** A list of targets in its document. */
export interface ManagedList {
  /**
   * The targets in the list, one entry per address, in document order. Labels are text as Prometheus reads
   * it: as written (`0123`, `12e4`), merge keys resolved, without labels that are null.
   */
  readonly targets: readonly Target[];
  /** Prometheus accepts any text as a target here, even `/`, since relabelling computes the address. */
  readonly relabelled: boolean;
  /**
   * The document with `wanted` as its list, in that order; the same text if the list has these targets
   * already, in any order, grouping or style. Throws Fault `document-unsafe` where the list cannot be
   * changed alone, `document-check` where the result does not have the wanted targets.
   */
  write(wanted: readonly Target[]): string;
}
