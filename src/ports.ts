import type { Objects } from './objects/objects.ts';
import type { Records } from './records/records.ts';
import type { Run } from './run.ts';

/** What a sync needs of the world. */
export interface Ports {
  readonly records: Records;
  readonly objects: Objects;
}

export interface SyncOptions extends Run {
  /** Names of the jobs that bypass the guard. */
  readonly forced?: ReadonlySet<string>;
  /** Shows what a paused object's lists would become; without it, nothing is read for them. */
  readonly showPaused?: boolean;
  /** Attempts at an object that another writer keeps changing, and the pause that grows between them. */
  readonly attempts?: number;
  readonly pauseMs?: number;
  /** For the patterns of one `from`; Infinity: without a limit. */
  readonly patternMs?: number;
}
