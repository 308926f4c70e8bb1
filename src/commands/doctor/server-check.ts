import type { Job, Place, Server } from '../../job.ts';
import { objectKey, objectOf } from '../../location.ts';
import type { Pod } from '../../objects/kubernetes/mounts.ts';
import type { Run } from '../../run.ts';
import { optional } from '../../servers/api.ts';
import type { Servers } from '../../servers/servers.ts';
import { type Finding, fromError, ok, warning } from './finding.ts';
import { checkReload } from './reload-check.ts';

/**
 * The servers that read the lists, each once.
 *
 * @param mounting the pods that mount an object, by its key; missing where we may not list pods
 */
export async function checkServers(
  jobs: readonly Job[],
  servers: Servers,
  mounting: ReadonlyMap<string, readonly Pod[]>,
  run: Run,
): Promise<Finding[]> {
  const named = new Map<string, readonly [Server, Place]>();
  for (const place of jobs.flatMap(({ to }) => to)) {
    for (const server of place.servers) named.set(JSON.stringify(server), [server, place]);
  }
  const findings: Finding[] = [];
  for (const [server, place] of named.values()) {
    const pods = mounting.get(objectKey(objectOf(place.location)));
    findings.push(...(await checkServer(server, place, servers, pods, run)));
  }
  return findings;
}

async function checkServer(
  named: Server,
  { format }: Place,
  servers: Servers,
  pods: readonly Pod[] | undefined,
  run: Run,
): Promise<Finding[]> {
  const product = format === 'thanos_endpoints' ? 'Thanos Query' : 'Prometheus';
  try {
    const server = await servers.open(named, format);
    const { version = 'of unknown version', reloaded } = await server.about(run);
    const about = server.url;
    const answers =
      reloaded === false
        ? warning(
            about,
            `${product} ${version} failed to load its configuration, and still uses the old one`,
            'Read its log, or run promtool check config. It would not start again.',
          )
        : ok(about, `${product} ${version} answers`);
    // The operator runs a reloader next to each of its servers.
    if (format === 'thanos_endpoints' || format === 'scrape_config') return [answers];
    const flags = await optional(server.flags(run));
    return [answers, checkReload(about, { flags, pods, format, reload: named.reload })];
  } catch (error) {
    // A sync is complete without it.
    return [fromError(product, error, 'warning')];
  }
}
