import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { describeWith } from '../../../support/parts/available.ts';
import { findKubectl, type HelmMajor } from '../../../support/parts/found.ts';
import { type Helm, helmFor } from '../../../support/parts/helm.ts';
import { type Moto, startMoto } from '../../../support/parts/moto.ts';
import { start, temporaryFolder, until } from '../../../support/parts/process.ts';
import { scheduleEvent } from '../../../unit/event/events.ts';
import { type Deployed, deploy } from '../../../unit/lambda/deployed.ts';
import { zonesAt } from '../../every-list/product.ts';
import {
  type CentralCluster,
  namespace,
  startCentralCluster,
} from '../../story/central-cluster.ts';
import { CHART, namesIn } from './ways.ts';

/*
 * infra/moving-over.md on a release of Helm: the original's list is taken over, upgrades empty or refuse it, and in the end
 * it is in a ConfigMap that no upgrade touches. Every version of both objects is looked at.
 */

const MAJORS = ['3', '4'] as const;
/** Field managers: the original, and our function. */
const ORIGINAL = 'prometheus-registration';
const OURS = 'route53-federation-sync';
/** The relabeling that makes a path in a target acceptable, of the blackbox job. */
const RELABELING = [
  { source_labels: ['__address__'], target_label: '__param_target' },
  { target_label: '__address__', replacement: 'blackbox:9115' },
];

/** A release: of which Helm, and its scrape config, with the targets of that shape. */
interface Release {
  readonly major: HelmMajor;
  readonly name: string;
  readonly job: 'federate' | 'blackbox';
  readonly targets: { target?: string; labels?: object };
}
const federate = (major: HelmMajor): Release => ({
  major,
  name: `federate${major}`,
  job: 'federate',
  targets: {},
});
const blackbox = (major: HelmMajor): Release => ({
  major,
  name: `blackbox${major}`,
  job: 'blackbox',
  targets: { target: '{name}/ping', labels: {} },
});
const serverOf = ({ name }: Release) => `${name}-server`;
const ownOf = ({ name }: Release) => `${name}-targets`;

/** The list as the original writes it; with a path in each target, also the relabeling that is compiled into it. */
function originals({ job }: Release, clusters: readonly string[]): string {
  const path = job === 'blackbox' ? '/ping' : '';
  const list = clusters.map((cluster) => ({
    targets: [`${cluster}.prometheus.internal.${path}`],
    ...(job === 'federate' && { labels: { clusterID: cluster } }),
  }));
  const relabeling = path && stringify({ relabel_configs: RELABELING });
  return `\n${stringify(list)}${relabeling}`.trimEnd().replaceAll('\n', '\n  ').concat('\n');
}

describeWith(['kube-apiserver', 'kubectl', 'helm', 'moto'], 'a list in a ConfigMap of', () => {
  let cluster: CentralCluster;
  let moto: Moto;
  let helm: Helm;
  let zones: ReturnType<typeof zonesAt>;

  beforeAll(async () => {
    const objects = MAJORS.flatMap((major) => [
      ...[serverOf(federate(major)), ownOf(federate(major))],
      serverOf(blackbox(major)),
    ]);
    [cluster, moto] = await Promise.all([startCentralCluster('central', objects), startMoto()]);
    helm = helmFor(cluster.kube.kubeconfigFile());
    zones = zonesAt(moto.endpoint);
  });
  afterAll(async () => {
    helm?.remove();
    await cluster?.stop();
    await moto?.stop();
  });

  const kubectl = (args: string[], input?: object) =>
    cluster.kube.kubectl([...args, '-n', namespace], input && { input: JSON.stringify(input) });
  const get = async (name: string) =>
    JSON.parse(await kubectl(['get', 'configmap', name, '-o', 'json']));
  const listed = async (name: string) => namesIn(JSON.stringify((await get(name)).data)).join('');

  const helmRun = ({ major, name, job }: Release, command: string, ...flags: string[]) =>
    helm.run(
      ...([major, command, name, CHART, '--namespace', namespace] as const),
      ...['--set', `job=${job}`, ...flags],
    );

  /** The lists of all versions of a ConfigMap from now on, each once. */
  async function versionsOf(name: string): Promise<() => string[]> {
    let output = '';
    const watch = start(
      findKubectl() ?? '',
      [
        ...['get', 'configmap', name, '-n', namespace, '--watch'],
        ...['-o', 'jsonpath={.data}{"\\n"}'],
      ],
      {
        folder: temporaryFolder('watch'),
        env: { KUBECONFIG: cluster.kube.kubeconfigFile() },
        onOutput: (text) => {
          output += text;
        },
      },
    );
    onTestFinished(() => watch.stop());
    const versions = () => {
      const lists = output
        .split('\n')
        .slice(0, -1)
        .map((line) => namesIn(line).join(''));
      return lists.filter((list, at) => list !== lists[at - 1]);
    };
    await until('the watch', () => versions().length > 0);
    return versions;
  }

  function settingsOf(zone: string, { job, targets }: Release, ...to: object[]) {
    const { kube, name } = cluster;
    const certificateAuthority = Buffer.from(kube.certificateAuthority).toString('base64');
    return {
      cluster: { eks: { name, region: 'eu-west-1', endpoint: kube.url, certificateAuthority } },
      jobs: [
        {
          ...{ job, from: [{ zone }], ...targets, to },
          select: { name: '^(?<clusterID>[^.]+)\\.prometheus\\.internal$' },
        },
      ],
    };
  }

  /** A scheduled run: what it reports of its last list, and how many targets it had to repair. */
  async function scheduled(lambda: Deployed) {
    const { jobs } = await lambda.invoke(scheduleEvent());
    const metrics = lambda.logs().filter((line) => '_aws' in line && 'Repaired' in line);
    return { ...jobs.at(-1), repaired: metrics.at(-1)?.Repaired };
  }

  /** A release whose list of a and b the original wrote, and our function has adopted. */
  async function takenOver(release: Release) {
    const zone = await zones.create('prometheus.internal', { private: true });
    const register = (name: string) => zones.upsert(zone, { name: `${name}.prometheus.internal` });
    await register('a');
    await register('b');
    expect(await helmRun(release, 'install')).toMatchObject({ ok: true });
    const name = serverOf(release);
    const object = await get(name);
    const text = object.data['prometheus.yml'] as string;
    object.data['prometheus.yml'] = text.replace(' []\n', originals(release, ['a', 'b']));
    await kubectl(['replace', `--field-manager=${ORIGINAL}`, '-f', '-'], object);
    const versions = await versionsOf(name);

    const configMap = { namespace, name, key: 'prometheus.yml' };
    const deployed = (...more: object[]) =>
      deploy(settingsOf(zone, release, { configMap }, ...more), {
        ...moto.env,
        ...cluster.credentials,
      });
    const lambda = await deployed();
    expect(await scheduled(lambda)).toMatchObject({ status: 'unchanged', repaired: 0 });
    expect((await get(name)).metadata.annotations).toMatchObject({
      'route53-federation-sync/managed': release.job,
    });
    return { name, lambda, deployed, register, versions };
  }

  /** An upgrade that restores the chart's text. With Helm 4, it fails before because of that manager. */
  async function upgradeOver(manager: string, release: Release, ...flags: string[]) {
    if (release.major === '4') {
      const name = serverOf(release);
      const before = await listed(name);
      const { ok, stderr } = await helmRun(release, 'upgrade', ...flags);
      const conflict = `conflict with "${manager}" using v1: .data.prometheus.yml`;
      expect([ok, stderr]).toEqual([false, expect.stringContaining(conflict)]);
      expect(await listed(name)).toBe(before);
      flags.push('--force-conflicts');
    }
    expect(await helmRun(release, 'upgrade', ...flags)).toMatchObject({ ok: true });
  }

  test.each(MAJORS)(
    'Helm %s is taken over, repaired after each upgrade, and moved out of its way',
    async (major) => {
      const release = federate(major);
      const { name, lambda, deployed, register, versions } = await takenOver(release);

      await upgradeOver(ORIGINAL, release);
      expect(await listed(name)).toBe('');
      await register('c');
      const all = ['a', 'b', 'c'].map((cluster) => `${cluster}.prometheus.internal.`);
      const repaired = await scheduled(lambda);
      expect(repaired).toMatchObject({ status: 'written', added: all, removed: [], repaired: 3 });
      expect(repaired).not.toHaveProperty('error');
      expect(await listed(name)).toBe('abc');

      // The next one meets our own name.
      await upgradeOver(OURS, release, '--set', 'scrapeInterval=30s');
      expect(await scheduled(lambda)).toMatchObject({ status: 'written', added: all, repaired: 3 });

      // Into a ConfigMap of its own, before the server reads it.
      const own = ownOf(release);
      await kubectl(['create', 'configmap', own, '--from-literal=targets.json=[]']);
      const moved = await deployed({
        configMap: { namespace, name: own, key: 'targets.json' },
        format: 'file_sd',
      });
      expect(await scheduled(moved)).toMatchObject({ status: 'written', added: all });
      const ownVersions = await versionsOf(own);
      await upgradeOver(OURS, release, '--set', 'scrapeInterval=2m');
      expect(await scheduled(moved)).toMatchObject({ status: 'unchanged', targets: 3 });

      const emptied = ['ab', '', 'abc', '', 'abc', '', 'abc'];
      await until('all versions', () => versions().length >= emptied.length);
      expect(versions()).toEqual(emptied);
      expect(ownVersions()).toEqual(['abc']);
    },
  );

  test.each(MAJORS)(
    'Helm %s whose values lack the relabeling is refused after an upgrade, until they have it',
    async (major) => {
      const release = blackbox(major);
      const { name, lambda } = await takenOver(release);
      await upgradeOver(ORIGINAL, release);
      expect(await scheduled(lambda)).toMatchObject({
        status: 'refused',
        added: [],
        skipped: [{ code: 'path-not-allowed' }, { code: 'path-not-allowed' }],
        error: { code: 'guard-min-targets' },
      });
      expect(await listed(name)).toBe('');

      const values = `relabelConfigs=${JSON.stringify(RELABELING)}`;
      // Nothing of ours or the original's is left in the text that it could be in conflict with.
      expect(await helmRun(release, 'upgrade', '--set-json', values)).toMatchObject({ ok: true });
      expect(await scheduled(lambda)).toMatchObject({ status: 'written', removed: [] });
      expect(await listed(name)).toBe('ab');
    },
  );
});
