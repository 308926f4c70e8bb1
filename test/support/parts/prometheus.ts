import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findPrometheus, type PrometheusMajor, type PrometheusPrograms } from './found.ts';
import { askingOnly } from './private-dns.ts';
import { freePort, ready, removeFolder, start, temporaryFolder } from './process.ts';

export interface PrometheusOptions {
  /** Which of the two majors; or a program's path. */
  version: PrometheusMajor | { prometheus: string };
  /** The configuration's text, or a file that is there already (a kubelet volume's, say). */
  config: string | { file: string };
  /** More files next to a configuration given as text, such as rules. */
  files?: Record<string, string>;
  /** More flags, such as `--config.auto-reload-interval=1s`. */
  flags?: string[];
  /** A port to listen on, for a server that must come back where it was. Default: a free one. */
  port?: number;
  /** The loopback address to listen on. Default: 127.0.0.1. */
  host?: string;
  /** Address of the only DNS server to be asked, on port 53. Default: this machine's. See private-dns.ts. */
  resolver?: string;
}

/** One entry of /api/v1/targets' activeTargets. */
interface ActiveTarget {
  discoveredLabels: Record<string, string>;
  labels: Record<string, string>;
  scrapeUrl: string;
  health: 'up' | 'down' | 'unknown';
  lastError: string;
}

/** One element of an instant query's vector; the value is Prometheus's own text of a number. */
interface Sample {
  metric: Record<string, string>;
  value: [number, string];
}

/** A server's HTTP API. */
export interface PrometheusApi {
  readonly url: string;
  /** POST /-/reload, with Prometheus's answer: 500 and the fault when it kept its old configuration. */
  reload(): Promise<{ status: number; body: string }>;
  targets(): Promise<ActiveTarget[]>;
  query(expression: string): Promise<Sample[]>;
  /** The configuration that is loaded, as Prometheus prints it. */
  loadedConfig(): Promise<string>;
}

export interface Prometheus extends PrometheusApi {
  readonly port: number;
  /** host:port, as a target is written. */
  readonly address: string;
  readonly configFile: string;
  /** Writes another text into the configuration file; does not reload. */
  rewrite(config: string): void;
  /** SIGHUP, as the reloader sidecar of some charts sends. */
  hangUp(): void;
  output(): string;
  alive(): boolean;
  stop(): Promise<void>;
}

/** Both programs of a major version. @throws Error that says how to get them */
function prometheusPrograms(major: PrometheusMajor): PrometheusPrograms {
  const programs = findPrometheus(major);
  if (!programs)
    throw new Error(`Prometheus ${major} is missing: run test/support/parts/prepare.sh`);
  return programs;
}

export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { version } = options;
  const program =
    typeof version === 'string' ? prometheusPrograms(version).prometheus : version.prometheus;
  const folder = temporaryFolder('prometheus');
  let configFile = join(folder, 'prometheus.yml');
  if (typeof options.config === 'string') writeFileSync(configFile, options.config);
  else configFile = options.config.file;
  for (const [name, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(folder, name), text);
  }
  const port = options.port ?? (await freePort());
  const address = `${options.host ?? '127.0.0.1'}:${port}`;
  const url = `http://${address}`;
  const command = [
    program,
    ...[`--config.file=${configFile}`, `--storage.tsdb.path=${join(folder, 'data')}`],
    ...[`--web.listen-address=${address}`, '--web.enable-lifecycle'],
    ...(options.flags ?? []),
  ];
  const [first = '', ...rest] = options.resolver
    ? askingOnly(options.resolver, folder, command)
    : command;
  const server = start(first, rest, { folder, cwd: dirname(configFile) });
  await ready('prometheus', server, async () => (await fetch(`${url}/-/ready`)).ok);

  return {
    ...prometheusApi(url),
    port,
    address,
    configFile,
    rewrite: (config) => writeFileSync(configFile, config),
    hangUp: () => server.signal('SIGHUP'),
    output: () => server.output(),
    alive: () => server.alive(),
    stop: () => server.stop(),
  };
}

export function prometheusApi(url: string): PrometheusApi {
  async function api<T>(path: string): Promise<T> {
    const response = await fetch(`${url}/api/v1/${path}`);
    const answer = (await response.json()) as { status: string; data: T; error?: string };
    if (answer.status !== 'success') throw new Error(`/api/v1/${path}: ${answer.error}`);
    return answer.data;
  }
  return {
    url,
    async reload() {
      const response = await fetch(`${url}/-/reload`, { method: 'POST' });
      return { status: response.status, body: await response.text() };
    },
    targets: async () => (await api<{ activeTargets: ActiveTarget[] }>('targets')).activeTargets,
    query: async (expression) =>
      (await api<{ result: Sample[] }>(`query?query=${encodeURIComponent(expression)}`)).result,
    loadedConfig: async () => (await api<{ yaml: string }>('status/config')).yaml,
  };
}

interface Checked {
  ok: boolean;
  /** What promtool printed, on both streams. */
  output: string;
}

/** `promtool check config` and its like, of a file or of a text. */
export async function promtool(
  major: PrometheusMajor,
  check: 'config' | 'rules' | 'web-config',
  document: string | { file: string },
): Promise<Checked> {
  const program = prometheusPrograms(major).promtool;
  const folder = temporaryFolder('promtool');
  const file = typeof document === 'string' ? join(folder, 'document.yml') : document.file;
  if (typeof document === 'string') writeFileSync(file, document);
  return new Promise((resolve) => {
    execFile(program, ['check', check, file], { timeout: 30_000 }, (error, stdout, stderr) => {
      removeFolder(folder);
      resolve({ ok: !error, output: `${stdout}${stderr}` });
    });
  });
}
