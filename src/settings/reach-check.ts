import { durationOf, isDuration } from '../wording.ts';
import {
  type AddFault,
  asList,
  asMap,
  formatOf,
  isMap,
  type Mapping,
  ONE_OF,
  oneOf,
  type Path,
} from './raw.ts';

/** Checks of `nudge`, `prometheus` and `wait` of a place: how a written list reaches its servers. */
export function checkReach(place: Mapping, path: Path, addFault: AddFault): void {
  const unmounted = place.scrapeConfig === undefined ? 'file' : 'scrapeConfig';
  if (place.nudge !== undefined && place[unmounted] !== undefined) {
    addFault(
      [...path, 'nudge'],
      place.nudge,
      `nothing: pods mount ConfigMaps and Secrets, not a ${unmounted}`,
    );
  }
  const servers = asList(place.prometheus);
  servers.forEach((server, i) => {
    checkServer(server, place, [...path, 'prometheus', i], addFault);
  });
  const { wait } = place;
  const waits = typeof wait === 'string' && isDuration(wait) && durationOf(wait) > 0;
  if (waits && servers.length === 0) {
    addFault([...path, 'wait'], wait, '0s, or a server to wait for in prometheus:');
  }
}

/** Keys of a server that only one by URL has. */
export const OF_URLS = ['bearerToken', 'basicAuth', 'caFile'] as const;

function checkServer(server: unknown, place: Mapping, path: Path, addFault: AddFault): void {
  if (!isMap(server)) return;
  oneOf(server, ONE_OF.server, path, addFault);
  const { service, bearerToken, basicAuth, reload } = server;
  for (const key of service === undefined ? [] : OF_URLS) {
    if (server[key] === undefined) continue;
    const why = 'nothing with service: the API server is called with the sign-in of the cluster';
    addFault([...path, key], server[key], why);
  }
  if (bearerToken !== undefined && basicAuth !== undefined) {
    addFault([...path, 'basicAuth'], 'bearerToken and basicAuth', 'one of them');
  }
  oneOf(bearerToken, ONE_OF.secret, [...path, 'bearerToken'], addFault);
  oneOf(asMap(basicAuth).password, ONE_OF.secret, [...path, 'basicAuth', 'password'], addFault);
  if (reload === true && formatOf(place) === 'thanos_endpoints') {
    addFault([...path, 'reload'], true, 'false: Thanos Query polls its file, and has no reload');
  }
}
