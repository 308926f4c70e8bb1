import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobReport } from '../../../../src/report.ts';
import { describeWith } from '../../../support/parts/available.ts';
import type { HelmMajor } from '../../../support/parts/found.ts';
import { type Helm, helmFor } from '../../../support/parts/helm.ts';
import { type KubeApiserver, startKubeApiserver } from '../../../support/parts/kube-apiserver.ts';
import { installCrds } from '../../../support/parts/operator-crds.ts';
import { folderWith, run, zoneOf } from '../../../unit/commands/run.ts';
import { type Observation, tableOf } from './table.ts';
import { CHART, listsOf, RELEASE, WAYS, type Way } from './ways.ts';

/*
 * What `helm upgrade` does to a list, for each way to keep one, observed: the table of infra/guides/servers.md must
 * equal it. Where the page is stale, the difference that is printed has the lines to copy.
 */

interface Upgrade {
  readonly title: string;
  readonly installedBy: HelmMajor;
  readonly by: HelmMajor;
  readonly flags: readonly string[];
}

const UPGRADES: readonly Upgrade[] = [
  { title: 'Helm 3', installedBy: '3', by: '3', flags: [] },
  { title: 'Helm 4, release created by Helm 3', installedBy: '3', by: '4', flags: [] },
  {
    title: 'the same with `--server-side=true`',
    installedBy: '3',
    by: '4',
    flags: ['--server-side=true'],
  },
  { title: 'Helm 4, release created by Helm 4', installedBy: '4', by: '4', flags: [] },
  {
    title: 'the same with `--force-conflicts`',
    installedBy: '4',
    by: '4',
    flags: ['--force-conflicts'],
  },
];

/** Of the object that has the list: nothing, or another key and the list's own text. */
const VALUES = { unchanged: {}, changed: { other: 'two', scrapeInterval: '30s' } } as const;

const NAMES = ['a', 'b'];
const page = readFileSync(join(import.meta.dirname, '../../../../infra/guides/servers.md'), 'utf8');

describeWith(
  ['kube-apiserver', 'kubectl', 'helm', 'prometheus-operator'],
  'the list of a release of Helm',
  () => {
    let kube: KubeApiserver;
    let helm: Helm;
    /** Of each upgrade, by its title: what was observed for each way. */
    const observed = new Map<string, Observation[][]>();

    beforeAll(async () => {
      kube = await startKubeApiserver();
      await installCrds(kube, 'scrapeconfigs');
      helm = helmFor(kube.kubeconfigFile());
    });
    afterAll(async () => {
      helm?.remove();
      await kube?.stop();
    });

    /** A release with a list of ours, upgraded with one kind of values after the other. */
    async function observe(way: Way, upgrade: Upgrade): Promise<Observation[]> {
      const namespace = await kube.namespace();
      const chart = (values: object) => [
        ...[RELEASE, CHART, '--namespace', namespace],
        ...Object.entries({ way: way.chart, ...values }).flatMap(([key, value]) => [
          '--set',
          `${key}=${value}`,
        ]),
      ];
      const installed = await helm.run(upgrade.installedBy, 'install', ...chart({}));
      expect(installed).toMatchObject({ ok: true });
      const folder = folderWith({
        kubeconfig: kube.kubeconfig(),
        'zone.json': zoneOf(...NAMES.map((name) => `${name}.prometheus.internal.`)),
        'federation-sync.yml': {
          cluster: { kubeconfig: { path: 'kubeconfig' } },
          jobs: [
            {
              job: 'federate',
              from: [{ records: 'zone.json' }],
              select: { name: 'internal$' },
              to: way.to(namespace),
            },
          ],
        },
      });
      const sync = async () => (await run(folder, ['sync', '--json'])).json.jobs as JobReport[];
      for (const list of await sync()) expect(list).toMatchObject({ status: 'written' });

      const observations: Observation[] = [];
      for (const [values, set] of Object.entries(VALUES)) {
        const { ok, stderr } = await helm.run(
          upgrade.by,
          'upgrade',
          ...upgrade.flags,
          ...chart(set),
        );
        // Also where it empties a list: there is no warning.
        if (ok) expect(stderr).toBe('');
        const lists = await listsOf(kube, namespace, way.objects);
        const next = (await sync()).map(({ status, added }) => ({ status, added: added.length }));
        observations.push({ values, lists, next, ...(!ok && { error: stderr }) });
      }
      for (const list of await listsOf(kube, namespace, way.objects)) expect(list).toEqual(NAMES);
      return observations;
    }

    test.each(UPGRADES)('is complete after an upgrade and a sync: $title', async (upgrade) => {
      observed.set(upgrade.title, await Promise.all(WAYS.map((way) => observe(way, upgrade))));
    });

    test('is treated by each upgrade as the page says', () => {
      const columns = UPGRADES.map(({ title }) => title);
      const rows = WAYS.map(({ title }, at) => ({
        title,
        cells: columns.map((column) => observed.get(column)?.[at] ?? []),
      }));
      const table = tableOf(columns, rows, NAMES);
      const start = page.indexOf('| the list is in |');
      const onPage = page.slice(start).split('\n').slice(0, table.length);
      expect(onPage.join('\n')).toBe(table.join('\n'));
      const errors = [...observed.values()].flat(2).map(({ error = '' }) => error);
      const [conflict] = errors.flatMap(
        (error) => error.match(/conflict with "[^"]+" using v1: \.data\.prometheus\.yml/) ?? [],
      );
      expect(page).toContain(conflict);
    });

    test('is tested with the versions that the page names', async () => {
      const minor = async (major: HelmMajor) => (await helm.version(major)).replace(/\.\d+$/, '');
      expect(page).toContain(`tested with Helm ${await minor('3')} and ${await minor('4')}`);
    });
  },
);
