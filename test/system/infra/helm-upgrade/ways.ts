import { join } from 'node:path';
import type { KubeApiserver } from '../../../support/parts/kube-apiserver.ts';

/** A release of this chart, in every test here. */
export const CHART = join(import.meta.dirname, 'chart');
export const RELEASE = 'prometheus';

type Named = readonly [kind: 'configmap' | 'secret' | 'scrapeconfig', name: string];

/** Where a list can be next to a release: a row of the page's table. */
export interface Way {
  readonly title: string;
  /** The value `way` of the chart: which object with a list the release has. */
  readonly chart: 'configMap' | 'secret' | 'scrapeConfig';
  /** The job's `to`. */
  to(namespace: string): object[];
  /** The objects that have the list, for `kubectl get`. */
  readonly objects: readonly Named[];
}

const server = `${RELEASE}-server`;
const scrapeConfigs = `${RELEASE}-scrape-configs`;

export const WAYS: readonly Way[] = [
  {
    title: 'a separate ConfigMap or Secret',
    chart: 'configMap',
    to: (namespace) => [
      {
        configMap: { namespace, name: 'federation-targets', key: 'targets.json' },
        format: 'file_sd',
        create: true,
      },
      {
        secret: { namespace, name: 'federation-targets', key: 'targets.json' },
        format: 'file_sd',
        create: true,
      },
    ],
    objects: [
      ['configmap', 'federation-targets'],
      ['secret', 'federation-targets'],
    ],
  },
  {
    title: "the chart's ScrapeConfig, without `staticConfigs` in its manifest",
    chart: 'scrapeConfig',
    to: (namespace) => [{ scrapeConfig: { namespace, name: `${RELEASE}-federate` } }],
    objects: [['scrapeconfig', `${RELEASE}-federate`]],
  },
  {
    title: "`prometheus.yml` in the chart's ConfigMap",
    chart: 'configMap',
    to: (namespace) => [{ configMap: { namespace, name: server, key: 'prometheus.yml' } }],
    objects: [['configmap', server]],
  },
  {
    title: "`scrape_configs` in the chart's Secret",
    chart: 'secret',
    to: (namespace) => [
      {
        secret: { namespace, name: scrapeConfigs, key: 'additional.yml' },
        format: 'scrape_configs',
      },
    ],
    objects: [['secret', scrapeConfigs]],
  },
];

/** The names in the list of each object, in its order. */
export function listsOf(
  kube: KubeApiserver,
  namespace: string,
  objects: readonly Named[],
): Promise<string[][]> {
  return Promise.all(
    objects.map(async ([kind, name]) => {
      const text = await kube.kubectl(['get', kind, name, '-n', namespace, '-o', 'json']);
      const { data = {}, spec = {} } = JSON.parse(text) as {
        data?: Record<string, string>;
        spec?: object;
      };
      const texts = Object.values(data).map((value) =>
        kind === 'secret' ? Buffer.from(value, 'base64').toString() : value,
      );
      return namesIn([...texts, JSON.stringify(spec)].join('\n'));
    }),
  );
}

export function namesIn(text: string): string[] {
  return text.match(/\w+(?=\.prometheus\.internal\.)/g) ?? [];
}
