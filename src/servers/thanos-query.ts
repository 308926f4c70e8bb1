import { Fault } from '../fault.ts';
import type { Run } from '../run.ts';
import { fieldsOf, isListOf, isOptional, isRecordOf, isText } from '../shape.ts';
import { Api, buildInfo, optional, type Shape } from './api.ts';
import type { Link } from './link.ts';
import type { About, ListIdentity, ListServer } from './server.ts';

/** By the kind of store: sidecar, store, rule, receive … */
const stores: Shape<Readonly<Record<string, readonly Store[]>>> = (data) =>
  isRecordOf(data, (it): it is readonly Store[] => isListOf(it, isStore)) ? data : undefined;

interface Store {
  readonly name: string;
  readonly lastError?: string | null;
}

function isStore(value: unknown): value is Store {
  const { name, lastError } = fieldsOf(value);
  return isText(name) && isOptional(lastError, isText);
}

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
    const build = await optional(this.#api.get('status/buildinfo', buildInfo, run));
    return { version: build?.version, loadedAt: undefined, reloaded: undefined, yaml: '' };
  }

  served(_: ListIdentity, __: About, run: Run) {
    return this.#stores(run);
  }

  loaded(_: ListIdentity, run: Run) {
    return this.#stores(run);
  }

  async #stores(run: Run) {
    const all = Object.values(await this.#api.get('stores', stores, run)).flat();
    const targets = all.map(({ name }) => ({ address: name, labels: {} }));
    const active = all.map(({ name, lastError }) => ({
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
