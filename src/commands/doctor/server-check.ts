import type { Job, Place, Server } from '../../job.ts';
import type { Run } from '../../run.ts';
import type { Servers } from '../../servers/servers.ts';
import { type Finding, fromError, ok, warning } from './finding.ts';

/** The servers that read the lists, each once. */
export async function checkServers(
  jobs: readonly Job[],
  servers: Servers,
  run: Run,
): Promise<Finding[]> {
  const named = new Map<string, readonly [Server, Place]>();
  for (const place of jobs.flatMap(({ to }) => to)) {
    for (const server of place.servers) named.set(JSON.stringify(server), [server, place]);
  }
  const findings: Finding[] = [];
  for (const [server, place] of named.values()) {
    findings.push(await checkServer(server, place, servers, run));
  }
  return findings;
}

async function checkServer(
  named: Server,
  { format }: Place,
  servers: Servers,
  run: Run,
): Promise<Finding> {
  const product = format === 'thanos_endpoints' ? 'Thanos Query' : 'Prometheus';
  try {
    const server = servers.open(named, format);
    const { version = 'of unknown version', reloaded } = await server.about(run);
    const about = server.url;
    if (reloaded !== false) return ok(about, `${product} ${version} answers`);
    return warning(
      about,
      `${product} ${version} failed to load its configuration, and still uses the old one`,
      'Read its log, or run promtool check config. It would not start again.',
    );
  } catch (error) {
    // A sync is complete without it.
    return fromError(product, error, 'warning');
  }
}
