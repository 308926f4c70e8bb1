import type { Format } from '../formats.ts';
import type { Target } from '../target.ts';

/** Whose list it is, and how it stands in its document. */
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
   * What the list holds now, one entry per address, in document order. Labels are text as Prometheus reads
   * it: as written (`0123`, `12e4`), merge keys resolved, a label of null left out.
   */
  readonly targets: readonly Target[];
  /** Prometheus takes any text for a target here, `/` included, since relabelling makes the address. */
  readonly relabelled: boolean;
  /**
   * The document with the list saying `wanted`, in that order; the very same text when the list says that
   * already, in whatever order, grouping or style. Throws Fault `document-unsafe` where the list cannot be
   * changed alone, `document-check` where the result does not read as it should.
   */
  write(wanted: readonly Target[]): string;
}
