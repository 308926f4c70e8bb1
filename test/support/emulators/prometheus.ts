import { load } from 'js-yaml';
import type { Backend } from './kubernetes/api.ts';

interface ScrapeConfig {
  readonly job_name: string;
  readonly static_configs?: readonly {
    readonly targets?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
  }[];
}

/**
 * The part of Prometheus's HTTP API that says what is loaded and scraped, over a configuration file in memory: a
 * change of the file is loaded with a reload, and one that is not YAML is not.
 */
export class PrometheusEmulator {
  /** What is in the file; set it as the kubelet would. */
  file: string;
  #loaded: string;
  #reloaded = true;
  /** By address: the error of its scrape. */
  readonly down = new Map<string, string>();
  /** `GET /api/v1/targets`, in the order in which they came. */
  readonly requests: string[] = [];
  readonly flags: Record<string, string> = { 'config.auto-reload': 'false' };
  /** Without --web.enable-lifecycle, there is no reload. */
  lifecycle = true;

  constructor(config: string) {
    this.file = config;
    this.#loaded = config;
  }

  reload(): boolean {
    try {
      load(this.file);
      this.#loaded = this.file;
      this.#reloaded = true;
    } catch {
      this.#reloaded = false;
    }
    return this.#reloaded;
  }

  readonly answer: Backend = ({ method, path, query }) => {
    this.requests.push(`${method} ${path}`);
    if (method === 'POST' && path === '/-/reload') {
      if (!this.lifecycle) return text(403, 'Lifecycle API is not enabled.');
      return this.reload() ? text(200, '') : text(500, 'failed to reload config: yaml');
    }
    switch (path) {
      case '/api/v1/status/config':
        return data({ yaml: this.#loaded });
      case '/api/v1/status/runtimeinfo':
        return data({
          reloadConfigSuccess: this.#reloaded,
          lastConfigTime: '2026-11-26T10:00:00Z',
        });
      case '/api/v1/status/buildinfo':
        return data({ version: '3.16.0' });
      case '/api/v1/status/flags':
        return data(this.flags);
      case '/api/v1/targets':
        return data({ activeTargets: this.#targets(query.get('scrapePool')), droppedTargets: [] });
      default:
        return text(404, '404 page not found\n');
    }
  };

  #targets(pool: string | null) {
    const config = load(this.#loaded) as { scrape_configs?: readonly ScrapeConfig[] } | undefined;
    const jobs = (config?.scrape_configs ?? []).filter(
      ({ job_name }) => pool === null || job_name === pool,
    );
    return jobs.flatMap(({ job_name, static_configs = [] }) =>
      static_configs.flatMap(({ targets = [], labels = {} }) =>
        targets.map((address) => {
          const lastError = this.down.get(address) ?? '';
          return {
            discoveredLabels: { __address__: address, job: job_name, ...labels },
            labels: { instance: address, job: job_name, ...labels },
            scrapePool: job_name,
            scrapeUrl: `http://${address}/metrics`,
            health: lastError ? 'down' : 'up',
            lastError,
          };
        }),
      ),
    );
  }
}

function data(value: object) {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'success', data: value }),
  };
}

function text(status: number, body: string) {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}
