import type { Fault } from '../../fault.ts';
import type { Job, Place } from '../../job.ts';
import type { Blocked } from '../live-lists.ts';
import type { Standing } from './agreement.ts';
import type { About } from './prometheus.ts';
import type { Resolution } from './resolver.ts';

/** The result for one list, with its server and resolver. */
export interface Verdict {
  readonly job: Job;
  readonly place: Place;
  /** undefined: the settings have none for this place. */
  readonly server: ({ readonly url: string } & Partial<About>) | undefined;
  readonly paused: boolean;
  /** Why the next sync would not write the list as wanted. */
  readonly refused: Fault | undefined;
  readonly targets: readonly (Standing & {
    readonly resolution: Resolution | undefined;
    readonly blocked?: Blocked | undefined;
  })[];
  readonly agrees: boolean;
  readonly fault: Fault | undefined;
}
