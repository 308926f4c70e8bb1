import type { Run } from '../run.ts';
import { fieldsOf, isFlag, isListOf, isObject, isOptional, isRecordOf, isText } from '../shape.ts';
import { Api, buildInfo, optional, type Shape } from './api.ts';
import type { Link } from './link.ts';
import { configuredList, loadedList, poolsOf } from './loaded.ts';
import type {
  About,
  ActiveTarget,
  Discovered,
  ListIdentity,
  ListServer,
  LoadedList,
  PoolTargets,
} from './server.ts';

const config: Shape<{ readonly yaml: string }> = (data) => {
  const { yaml } = fieldsOf(data);
  return isText(yaml) ? { yaml } : undefined;
};

const runtimeInfo: Shape<Pick<About, 'reloaded' | 'loadedAt'>> = (data) => {
  if (!isObject(data)) return undefined;
  const { reloadConfigSuccess: reloaded, lastConfigTime: loadedAt } = data;
  return (reloaded === undefined || isFlag(reloaded)) &&
    (loadedAt === undefined || isText(loadedAt))
    ? { reloaded, loadedAt }
    : undefined;
};

interface Targets {
  readonly activeTargets: readonly ActiveTarget[];
  readonly droppedTargets?: readonly Discovered[] | null;
  readonly droppedTargetCounts?: Readonly<Record<string, number>> | null;
}

function isDiscovered(value: unknown): value is Discovered {
  const { discoveredLabels, scrapePool } = fieldsOf(value);
  return isRecordOf(discoveredLabels, isText) && (scrapePool === undefined || isText(scrapePool));
}

function isActive(value: unknown): value is ActiveTarget {
  const { health, lastError } = fieldsOf(value);
  return isDiscovered(value) && isText(health) && isText(lastError);
}

const isCount = (value: unknown): value is number => typeof value === 'number';

const targets: Shape<Targets> = (data) => {
  const { activeTargets, droppedTargets, droppedTargetCounts } = fieldsOf(data);
  const isShape =
    isListOf(activeTargets, isActive) &&
    isOptional(droppedTargets, (it): it is readonly Discovered[] => isListOf(it, isDiscovered)) &&
    isOptional(droppedTargetCounts, (it): it is Record<string, number> => isRecordOf(it, isCount));
  return isShape ? (data as Targets) : undefined;
};

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
    const { yaml } = await this.#api.get('status/config', config, run);
    if (brief) return { yaml, version: undefined, loadedAt: undefined, reloaded: undefined };
    const [runtime, build] = await Promise.all([
      optional(this.#api.get('status/runtimeinfo', runtimeInfo, run)),
      optional(this.#api.get('status/buildinfo', buildInfo, run)),
    ]);
    return {
      yaml,
      version: build?.version,
      loadedAt: runtime?.loadedAt,
      reloaded: runtime?.reloaded,
    };
  }

  /** The targets of one scrape pool; of all for undefined. */
  async targets(pool: string | undefined, run: Run): Promise<PoolTargets> {
    const query = pool === undefined ? '' : `?scrapePool=${encodeURIComponent(pool)}`;
    const all = await this.#api.get(`targets${query}`, targets, run);
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
    const { yaml } = await this.#api.get('status/config', config, run);
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
