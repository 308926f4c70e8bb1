import * as z from 'zod/mini';
import { Fault } from '../fault.ts';
import type { Run } from '../run.ts';
import { Api, optional } from './api.ts';
import type { Link } from './link.ts';
import type { About, ListIdentity, ListServer } from './server.ts';

const BuildInfo = z.object({ version: z.optional(z.string()) });

/** By the kind of store: sidecar, store, rule, receive … */
const Stores = z.record(
  z.string(),
  z.array(z.object({ name: z.string(), lastError: z.nullish(z.string()) })),
);

/**
 * Queries a Thanos Query: its endpoints are those of its file, and of its flags.
 *
 * Source: thanos, pkg/api/query/v1.go (stores) and pkg/query/endpointset.go (EndpointStatus)
 */
export class ThanosQuery implements ListServer {
  readonly #api: Api;
  readonly url: string;

  constructor(link: Link) {
    this.#api = new Api(link, 'Thanos');
    this.url = link.url;
  }

  async about(run: Run): Promise<About> {
    const build = await optional(this.#api.get('status/buildinfo', BuildInfo, run));
    return { version: build?.version, loadedAt: undefined, reloaded: undefined, yaml: '' };
  }

  served(_: ListIdentity, __: About, run: Run) {
    return this.#stores(run);
  }

  loaded(_: ListIdentity, run: Run) {
    return this.#stores(run);
  }

  async #stores(run: Run) {
    const stores = Object.values(await this.#api.get('stores', Stores, run)).flat();
    const targets = stores.map(({ name }) => ({ address: name, labels: {} }));
    const active = stores.map(({ name, lastError }) => ({
      discoveredLabels: { __address__: name },
      health: lastError ? 'down' : 'up',
      lastError: lastError ?? '',
    }));
    return { targets, pool: { active, dropped: [], forgotten: 0 }, forgotten: 0, mixed: true };
  }

  flags(run: Run) {
    return this.#api.flags(run);
  }

  /** It polls its file (--endpoint.sd-config-reload-interval). */
  async reload(): Promise<void> {
    throw new Fault('prometheus-refused', `${this.url}: Thanos Query cannot be made to reload`);
  }
}
