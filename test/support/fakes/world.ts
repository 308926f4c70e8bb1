import type { Job } from '../../../src/job.ts';
import { type Location, locationText } from '../../../src/location.ts';
import type { SyncOptions } from '../../../src/ports.ts';
import type { Outcome } from '../../../src/report.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import { sync } from '../../../src/sync.ts';
import { Store } from './store.ts';
import { Zones } from './zones.ts';

/** `m/prometheus:prometheus.yml` */
export function configMap(text: string): Location {
  const [, namespace = '', name = '', key = ''] = /^(.*)\/(.*):(.*)$/.exec(text) ?? [];
  return { kind: 'configMap', namespace, name, key };
}

export const PROMETHEUS = configMap('monitoring/prometheus-server:prometheus.yml');

/** A prometheus.yml with these jobs, each with these targets as the default settings would write them. */
export function prometheusYml(jobs: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(jobs).flatMap(([job, hosts]) => [
    `  - job_name: ${job}`,
    '    honor_labels: true # kept',
    hosts.length === 0 ? '    static_configs: []' : '    static_configs:',
    ...hosts.flatMap((host) => [
      '      - targets:',
      `        - ${host}.`,
      '        labels:',
      `          clusterID: ${host.split('.')[0]}`,
    ]),
  ]);
  return ['global:', '  scrape_interval: 15s', 'scrape_configs:', ...lines, ''].join('\n');
}

export interface JobLike {
  readonly name?: string;
  readonly job?: string;
  readonly zones?: readonly string[];
  readonly [key: string]: unknown;
}

/** Zones and documents in memory, and jobs over them. Everything that happens is in one log. */
export class World {
  readonly log: string[] = [];
  readonly zones = new Zones(this.log);
  readonly store = new Store(this.log);

  /** Jobs of the settings: job federate of zone Z1 into PROMETHEUS, except for what is given. */
  jobs(...jobs: JobLike[]): readonly Job[] {
    const raw = (jobs.length > 0 ? jobs : [{}]).map(({ zones = ['Z1'], ...job }) => ({
      job: 'federate',
      from: zones.map((zone) => ({ zone })),
      select: { name: '\\.internal$' },
      to: {
        configMap: { namespace: 'monitoring', name: 'prometheus-server', key: 'prometheus.yml' },
      },
      ...job,
    }));
    return checkSettings({ jobs: raw }, 'test', '/').jobs;
  }

  sync(jobs: readonly Job[] = this.jobs(), options: Partial<SyncOptions> = {}): Promise<Outcome[]> {
    const { zones: records, store: objects } = this;
    const signal = new AbortController().signal;
    return sync(jobs, { records, objects }, { signal, pauseMs: 1, ...options });
  }
}

/** `federate written`, `federate failed zone-missing` */
export function summarize(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ job, status, fault }) =>
    [job.name, status, ...(fault ? [fault.code] : [])].join(' '),
  );
}

export const placesOf = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ place }) => locationText(place.location));
