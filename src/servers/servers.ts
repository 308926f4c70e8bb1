import type { Format } from '../formats.ts';
import type { Server } from '../job.ts';
import type { KubernetesClient } from '../objects/kubernetes/client.ts';
import { DirectLink } from './direct.ts';
import type { Link } from './link.ts';
import { Prometheus } from './prometheus.ts';
import { ProxiedLink } from './proxied.ts';
import type { ListServer } from './server.ts';
import { ThanosQuery } from './thanos-query.ts';

/** Opens the servers that the settings name. */
export interface Servers {
  open(server: Server, format: Format): Promise<ListServer>;
}

/** @param kubernetes called where a server is behind a service of the cluster */
export function serversOf(
  kubernetes: () => KubernetesClient,
  env: Readonly<Record<string, string | undefined>>,
): Servers {
  const link = (server: Server): Link =>
    'url' in server ? new DirectLink(server, { env }) : new ProxiedLink(server, kubernetes());
  return {
    open: async (server, format) =>
      format === 'thanos_endpoints' ? new ThanosQuery(link(server)) : new Prometheus(link(server)),
  };
}
