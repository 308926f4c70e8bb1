import type { Fault } from '../fault.ts';
import type { Job, Place } from '../job.ts';
import type { Blocked } from '../live-lists.ts';
import { locationText } from '../location.ts';
import { errorOf } from '../report.ts';
import type { About } from '../servers/server.ts';
import type { Skipped } from '../targets/targets.ts';
import type { Standing, State } from './agreement.ts';
import type { Resolution } from './resolver.ts';

/** A server that was queried. */
export interface AskedServer extends Omit<About, 'yaml'> {
  readonly url: string;
}

/** The result for one list, with its servers and resolver. */
export interface Verdict {
  readonly job: Job;
  readonly place: Place;
  /** Empty: the settings have none for this place. */
  readonly servers: readonly AskedServer[];
  readonly paused: boolean;
  /** Why the next sync would not write the list as wanted. */
  readonly refused: Fault | undefined;
  readonly targets: readonly (Standing & {
    readonly resolution?: Resolution | undefined;
    readonly blocked?: Blocked | undefined;
  })[];
  /** Record sets that are no target in this list. */
  readonly skipped: readonly Skipped[];
  readonly agrees: boolean;
  readonly fault: Fault | undefined;
}

/** One list, as --json prints it, and as the Lambda answers. */
export function verdictJson({
  job,
  place,
  servers,
  paused,
  refused,
  targets,
  agrees,
  fault,
}: Verdict) {
  const inState = (state: State) => targets.filter((target) => target.state === state);
  const names = (state: State) => inState(state).map(({ address }) => address);
  return {
    name: job.name,
    to: locationText(place.location),
    // One or a list, as in the settings.
    ...(servers.length > 0 && { prometheus: servers.length === 1 ? servers[0] : servers }),
    ...(paused && { paused }),
    ...(refused && { refused: errorOf(refused) }),
    agrees,
    ...(servers.length > 0 && {
      scraped: inState('scraped').length,
      down: inState('down').map(({ address, detail, cause }) => ({
        target: address,
        lastError: detail ?? '',
        ...(cause !== undefined && { cause }),
      })),
      notLoaded: names('not-loaded'),
      unwanted: names('unwanted'),
    }),
    targets: targets.map(({ address, labels, state, detail, cause, resolution, blocked }) => ({
      target: address,
      labels,
      state,
      ...(detail !== undefined && { detail }),
      ...(cause !== undefined && { cause }),
      ...(resolution && { resolution }),
      ...(blocked && { blocked }),
    })),
    ...(fault && { error: errorOf(fault) }),
  };
}
