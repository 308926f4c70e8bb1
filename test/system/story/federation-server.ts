import { findPrometheus, type PrometheusMajor } from '../../support/parts/found.ts';
import type { KubeletVolume } from '../../support/parts/kubelet-volume.ts';
import { type Prometheus, startPrometheus } from '../../support/parts/prometheus.ts';

/** How a server learns of a new prometheus.yml: a sidecar's POST, or the signal that another sidecar sends. */
export type Reload = '/-/reload' | 'SIGHUP';

/** One of several servers that mount the same objects (Prometheus's word: a shard). */
export interface FederationServer {
  readonly version: string;
  readonly reload: Reload;
  readonly prometheus: Prometheus;
  /** What the sidecar does when the volume has changed. */
  reloaded(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * How long a query still sees a series that ended. Federated samples bring their own timestamps, and to such
 * series Prometheus writes no marker of their end; by default they linger for five minutes.
 */
const lookback = '5s';

export async function startFederationServer(
  major: PrometheusMajor,
  reload: Reload,
  volume: KubeletVolume,
  resolver: string,
): Promise<FederationServer> {
  const config = { file: volume.path('prometheus.yml') };
  const flags = [`--query.lookback-delta=${lookback}`];
  const prometheus = await startPrometheus({ version: major, config, resolver, flags });
  return {
    version: findPrometheus(major)?.version ?? '',
    reload,
    prometheus,
    stop: () => prometheus.stop(),
    async reloaded() {
      if (reload === 'SIGHUP') return prometheus.hangUp();
      const { status, body } = await prometheus.reload();
      if (status !== 200) throw new Error(`Prometheus refused its configuration: ${body}`);
    },
  };
}

/**
 * The central server's prometheus.yml: the article's, with fields that the article's Lambda lost, and text that
 * is somebody else's. A second job reads the same list by file_sd.
 */
export function federationConfig(staticConfigs: string, targetsFile: string): string {
  return `# The federation server. Only the list of the job "federate" is written by a machine.
global: {scrape_interval: 1s,   scrape_timeout: 900ms, evaluation_interval: 5s}

alerting:
  alertmanagers: []     # none yet

scrape_configs:
  - job_name: 'federate'
    honor_labels: true
    metrics_path: '/federate'

    params:
      'match[]':
        - '{job="prometheus"}'
        - '{__name__=~"job:.*"}'

    static_configs:
${staticConfigs}
  - job_name: "federate-by-file"   # the way that lasts
    honor_labels: true
    metrics_path: /federate
    params: { 'match[]': ['{job="prometheus"}', '{__name__=~"job:.*"}'] }
    file_sd_configs:
      - files: [${targetsFile}]
`;
}

/** The list as the article writes it. */
export function articleList(leaves: readonly { name: string; clusterID: string }[]): string {
  return leaves
    .map(
      ({ name, clusterID }) => `      - targets:
        - ${name}
        labels:
          clusterID: ${clusterID}
`,
    )
    .join('');
}
