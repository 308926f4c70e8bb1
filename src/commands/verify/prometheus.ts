import * as z from 'zod/mini';
import { Fault } from '../../fault.ts';
import { type Answer, exchange, NoResponse } from '../../http.ts';
import type { Run } from '../../run.ts';

/** A server's version and configuration. */
export interface About {
  /** Such as 2.42.0; undefined where a proxy does not allow the request. */
  readonly version: string | undefined;
  /** When the current configuration was loaded, and whether the last attempt to load one succeeded. */
  readonly loadedAt: string | undefined;
  readonly reloaded: boolean | undefined;
  /** The loaded configuration as Prometheus prints it: with defaults, without secrets. */
  readonly yaml: string;
}

/** A target as discovery found it, before relabelling: `__address__`, `__meta_*` and labels. */
interface Discovered {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  /** The job_name; 2.42 omits it for dropped targets. */
  readonly scrapePool?: string | undefined;
}

export interface ActiveTarget extends Discovered {
  readonly health: string;
  readonly lastError: string;
}

/** The targets of a scrape pool, or of all. */
export interface PoolTargets {
  readonly active: readonly ActiveTarget[];
  /** Targets dropped by relabelling, as far as Prometheus keeps them (`keep_dropped_targets`). */
  readonly dropped: readonly Discovered[];
  /** The number of dropped targets that it did not keep. */
  readonly forgotten: number;
}

const Envelope = z.object({ status: z.string(), data: z.optional(z.unknown()) });
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

/** All times in milliseconds. */
const TIMES = { connect: 5_000, answer: 15_000 };

/**
 * Queries a Prometheus server with its HTTP API, as of 2.42 and 3.
 *
 * Throws `prometheus-unreachable`, `prometheus-refused`, `deadline`.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export class Prometheus {
  readonly #base: URL;
  readonly #times: typeof TIMES;
  /** Without the password that the URL may have. */
  readonly url: string;

  constructor(url: string, times: Partial<typeof TIMES> = {}) {
    const base = URL.parse(url);
    if (!base || !/^https?:$/.test(base.protocol)) {
      const shown = url.replace(/\/\/[^/]*@/, '//');
      throw new Fault('usage', `${shown} is not the URL of a Prometheus server`, {
        remedy: 'Use http://HOST:PORT, including the path if there is one.',
      });
    }
    base.search = '';
    base.hash = '';
    this.#base = base;
    this.#times = { ...TIMES, ...times };
    const shown = new URL(base);
    shown.username = '';
    shown.password = '';
    this.url = shown.href.replace(/\/$/, '');
  }

  async about(run: Run): Promise<About> {
    const { yaml } = await this.#get('status/config', Config, run);
    const optional = <T>(asked: Promise<T>) => asked.catch(unlessOver);
    const [runtime, build] = await Promise.all([
      optional(this.#get('status/runtimeinfo', RuntimeInfo, run)),
      optional(this.#get('status/buildinfo', BuildInfo, run)),
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
    const all = await this.#get(`targets${query}`, Targets, run);
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

  async #get<T>(path: string, shape: z.ZodMiniType<T>, run: Run): Promise<T> {
    const url = new URL(this.#base);
    const [name = '', query = ''] = path.split('?');
    url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/${name}`;
    url.search = query;
    const answer = await this.#send(url, run);
    const data = this.#dataOf(answer, path);
    const read = shape.safeParse(data);
    if (read.success) return read.data;
    throw this.#refused(`the response to ${name} is not from Prometheus`);
  }

  async #send(url: URL, run: Run): Promise<Answer> {
    try {
      return await exchange({
        method: 'GET',
        url,
        options: { headers: { accept: 'application/json', 'user-agent': 'federation-sync' } },
        body: undefined,
        connectMs: this.#times.connect,
        answerMs: this.#times.answer,
        signal: run.signal,
      });
    } catch (error) {
      if (!(error instanceof NoResponse)) throw error;
      if (error.reason === 'aborted') {
        throw new Fault('deadline', `the run timed out before ${this.url} answered`);
      }
      const { cause, reason } = error;
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      const why = WHY[code] ?? WHY[reason] ?? `connection lost${code && ` (${code})`}`;
      throw new Fault('prometheus-unreachable', `${this.url}: ${why}`, { cause });
    }
  }

  #dataOf({ status, contentType, bytes }: Answer, path: string): unknown {
    if (status === 401 || status === 403) throw this.#refused(`access denied (HTTP ${status})`);
    if (status >= 300 && status < 400)
      throw this.#refused(`it redirects to another URL (HTTP ${status})`);
    if ([502, 503, 504].includes(status)) {
      throw new Fault('prometheus-unreachable', `${this.url}: HTTP ${status}, it is not ready`);
    }
    const type = contentType.split(';')[0] || 'no content type';
    const other = `not a Prometheus server (HTTP ${status}, ${type})`;
    let body: unknown;
    try {
      body = JSON.parse(bytes.toString());
    } catch {
      throw this.#refused(other);
    }
    const envelope = Envelope.safeParse(body);
    if (!envelope.success) throw this.#refused(other);
    if (envelope.data.status !== 'success') {
      throw this.#refused(`${path.replace(/\?.*/, '')} returned an error (HTTP ${status})`);
    }
    return envelope.data.data;
  }

  #refused(why: string): Fault {
    return new Fault('prometheus-refused', `${this.url}: ${why}`);
  }
}

function unlessOver(error: unknown): undefined {
  if (error instanceof Fault && error.code === 'prometheus-refused') return undefined;
  throw error;
}

const WHY: Record<string, string> = {
  'connect-timeout': 'connection timed out',
  'answer-timeout': 'no response in time',
  'too-long': 'the response is too large',
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'DNS does not respond',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
};
