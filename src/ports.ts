import type { Objects } from './objects/objects.ts';
import type { Pods } from './objects/pods.ts';
import type { Records } from './records/records.ts';
import type { Run } from './run.ts';
import type { Servers } from './servers/servers.ts';

/** What a sync needs of the world. */
export interface Ports {
  readonly records: Records;
  readonly objects: Objects;
  /** Without them, no pod is nudged, and no server is waited for. */
  readonly pods?: Pods;
  readonly servers?: Servers;
}

export interface SyncOptions extends Run {
  /** Names of the jobs that bypass the guard. */
  readonly forced?: ReadonlySet<string>;
  /** Shows what a paused object's lists would become; without it, nothing is read for them. */
  readonly showPaused?: boolean;
  /** Attempts at an object that another writer keeps changing, and the pause that grows between them. */
  readonly attempts?: number;
  readonly pauseMs?: number;
  /** How long to wait for servers after a write, where that is not what the settings say. */
  readonly waitMs?: number | undefined;
  /** Shown while a run waits for servers; undefined: it does not wait any more. */
  readonly waiting?: (text: string | undefined) => void;
  /** For the patterns of one `from`; Infinity: without a limit. */
  readonly patternMs?: number;
}
