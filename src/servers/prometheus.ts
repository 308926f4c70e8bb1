import * as z from 'zod/mini';
import type { Run } from '../run.ts';
import { Api, optional } from './api.ts';
import type { Link } from './link.ts';
import { configuredList, loadedList, poolsOf } from './loaded.ts';
import type { About, ListIdentity, ListServer, LoadedList, PoolTargets } from './server.ts';

const Config = z.object({ yaml: z.string() });
const RuntimeInfo = z.object({
  reloadConfigSuccess: z.optional(z.boolean()),
  lastConfigTime: z.optional(z.string()),
});
const BuildInfo = z.object({ version: z.optional(z.string()) });
const labels = z.record(z.string(), z.string());
const Targets = z.object({
  activeTargets: z.array(
    z.object({
      discoveredLabels: labels,
      scrapePool: z.optional(z.string()),
      health: z.string(),
      lastError: z.string(),
    }),
  ),
  droppedTargets: z.nullish(
    z.array(z.object({ discoveredLabels: labels, scrapePool: z.optional(z.string()) })),
  ),
  droppedTargetCounts: z.nullish(z.record(z.string(), z.number())),
});

/**
 * Queries a Prometheus server with its HTTP API, as of 2.42 and 3.
 *
 * Source: https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export class Prometheus implements ListServer {
  readonly #api: Api;
  readonly url: string;

  constructor(link: Link) {
    this.#api = new Api(link, 'Prometheus');
    this.url = link.url;
  }

  async about(run: Run, brief = false): Promise<About> {
    const { yaml } = await this.#api.get('status/config', Config, run);
    if (brief) return { yaml, version: undefined, loadedAt: undefined, reloaded: undefined };
    const [runtime, build] = await Promise.all([
      optional(this.#api.get('status/runtimeinfo', RuntimeInfo, run)),
      optional(this.#api.get('status/buildinfo', BuildInfo, run)),
    ]);
    return {
      yaml,
      version: build?.version,
      loadedAt: runtime?.lastConfigTime,
      reloaded: runtime?.reloadConfigSuccess,
    };
  }

  /** The targets of one scrape pool; of all for undefined. */
  async targets(pool: string | undefined, run: Run): Promise<PoolTargets> {
    const query = pool === undefined ? '' : `?scrapePool=${encodeURIComponent(pool)}`;
    const all = await this.#api.get(`targets${query}`, Targets, run);
    const counts = Object.entries(all.droppedTargetCounts ?? {});
    // A server that does not support the parameter returns all pools.
    const here = (name: string | undefined) => pool === undefined || (name ?? pool) === pool;
    const dropped = (all.droppedTargets ?? [])
      .map((target) => ({ ...target, scrapePool: target.scrapePool ?? pool }))
      .filter(({ scrapePool }) => here(scrapePool));
    const count = counts.filter(([name]) => here(name)).reduce((sum, [, n]) => sum + n, 0);
    return {
      active: all.activeTargets.filter(({ scrapePool }) => here(scrapePool)),
      dropped,
      forgotten: Math.max(0, count - dropped.length),
    };
  }

  flags(run: Run) {
    return this.#api.flags(run);
  }

  async served(asked: ListIdentity, { yaml }: About, run: Run) {
    const pool = await this.#pools(asked, yaml, run);
    return {
      targets: loadedList(yaml, asked, pool),
      pool,
      forgotten: pool.forgotten,
      mixed: false,
    };
  }

  async loaded(asked: ListIdentity, run: Run): Promise<LoadedList> {
    const { yaml } = await this.#api.get('status/config', Config, run);
    const targets = configuredList(yaml, asked);
    if (targets) return { targets, forgotten: 0, mixed: false };
    const pool = await this.#pools(asked, yaml, run);
    return { targets: loadedList(yaml, asked, pool), forgotten: pool.forgotten, mixed: false };
  }

  async reload(run: Run): Promise<void> {
    await this.#api.reload(run);
  }

  async #pools(asked: ListIdentity, yaml: string, run: Run): Promise<PoolTargets> {
    const answers: PoolTargets[] = [];
    for (const pool of poolsOf(yaml, asked) ?? [undefined]) {
      answers.push(await this.targets(pool, run));
    }
    return {
      active: answers.flatMap(({ active }) => active),
      dropped: answers.flatMap(({ dropped }) => dropped),
      forgotten: answers.reduce((sum, { forgotten }) => sum + forgotten, 0),
    };
  }
}
