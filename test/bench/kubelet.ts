import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect } from '../../src/connect.ts';
import { parseSettings } from '../../src/settings/parse.ts';
import { sync } from '../../src/sync.ts';
import { type Cluster, startCluster } from '../support/parts/cluster.ts';
import { nodeParts, reasonToSkip } from '../support/parts/part-names.ts';
import {
  importPrometheus,
  type PrometheusPod,
  startPrometheusPod,
} from '../support/parts/prometheus-pod.ts';
import { median, type Section } from './figures.ts';

type Format = 'file_sd' | 'static_configs';

/** Seconds from the change of the record. */
interface Round {
  /** The server's targets have it. */
  readonly known: number;
  readonly sample: number;
}

/** Servers of each format, each with a ConfigMap of its own; every one is used twice with a nudge and twice without. */
const PODS = 10;
const NAMESPACE = 'bench';

/**
 * From the change of a record to the first sample of its target, in pods of a real kubelet with its default settings,
 * with a nudge and without. Takes about eight minutes: without a nudge, a round takes up to 90 s.
 */
export async function kubelet(): Promise<Section | string> {
  const reason = reasonToSkip([...nodeParts, 'kubectl', 'prometheus-3']);
  if (reason) return `Kubelet: skipped, ${reason}`;
  const cluster = await startCluster();
  const leaf = createServer((_, response) =>
    response
      .writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
      .end('bench_metric 1\n'),
  );
  try {
    await importPrometheus(cluster.node);
    await cluster.kube.namespace(NAMESPACE);
    await new Promise<void>((resolve) => leaf.listen(0, '127.0.0.1', resolve));
    const { port } = leaf.address() as AddressInfo;
    await cluster.node.expose(port);
    const rows: [string, ...number[]][] = [];
    const ratios: [string, number][] = [];
    const samples: Record<string, number[]> = {};
    for (const format of ['file_sd', 'static_configs'] as const) {
      const { nudged, alone } = await rounds(cluster, format, `${cluster.node.host}:${port}`);
      const name = format === 'file_sd' ? 'file_sd' : 'static_configs, with reload';
      rows.push(row(`${name}, without nudge`, alone), row(`${name}, with nudge`, nudged));
      const ratio = medianOf(alone, 'known') / medianOf(nudged, 'known');
      ratios.push([name, ratio]);
      samples[`${format}, without nudge`] = values(alone, 'known');
      samples[`${format}, with nudge`] = values(nudged, 'known');
    }
    return {
      samples,
      table: {
        title: `From a record's change to Prometheus in a pod: ${2 * PODS} rounds each, kubelet with its defaults, scraping every second (seconds)`,
        columns: ['', 'target known, median', 'maximum', 'first sample, median', 'maximum'],
        rows,
        notes: ratios.map(
          ([name, ratio]) => `${name}: ${ratio.toFixed(0)} times faster with a nudge`,
        ),
      },
      figures: ratios.map(([name, ratio], i) => ({
        id: `kubelet.${i === 0 ? 'fileSd' : 'staticConfigs'}`,
        what: `Target known with a nudge, ${name}`,
        value: 1 / ratio,
        unit: 'x without',
        goal: 1 / 20,
      })),
    };
  } finally {
    leaf.close().closeAllConnections();
    await cluster.stop();
  }
}

const values = (all: readonly Round[], key: keyof Round) => all.map((one) => one[key]);
const medianOf = (all: readonly Round[], key: keyof Round) => median(values(all, key));

function row(name: string, all: readonly Round[]): [string, ...number[]] {
  const [known, sample] = (['known', 'sample'] as const).map((key) => values(all, key));
  return [
    name,
    median(known as number[]),
    Math.max(...(known as number[])),
    median(sample as number[]),
    Math.max(...(sample as number[])),
  ];
}

async function rounds(cluster: Cluster, format: Format, target: string) {
  const names = Array.from({ length: PODS }, (_, i) => `${format === 'file_sd' ? 'f' : 's'}${i}`);
  const pods = new Map<string, PrometheusPod>();
  for (const name of names) pods.set(name, await startPod(cluster, format, name));
  const once = (name: string, label: string, nudges: boolean) =>
    round(cluster, format, pods.get(name) as PrometheusPod, label, target, nudges);
  try {
    const alone: Round[] = [];
    for (const label of ['a', 'b']) {
      // At any time within the kubelet's period, of about a minute.
      const all = names.map(async (name, i) => {
        await setTimeout((i * 60_000) / PODS);
        return once(name, label, false);
      });
      alone.push(...(await Promise.all(all)));
    }
    const nudged: Round[] = [];
    for (const label of ['c', 'd']) {
      for (const name of names) nudged.push(await once(name, label, true));
    }
    return { alone, nudged };
  } finally {
    for (const pod of pods.values()) await pod.delete();
  }
}

async function startPod({ kube }: Cluster, format: Format, name: string): Promise<PrometheusPod> {
  const list =
    format === 'file_sd'
      ? 'file_sd_configs: [{ files: [/etc/targets/targets.yaml] }]'
      : 'static_configs: []';
  const config = `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: federate
    ${list}
`;
  const configMap = (object: string, data: object) =>
    kube.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: NAMESPACE, name: object },
      data,
    });
  await configMap(name, { 'prometheus.yml': config });
  if (format === 'file_sd') await configMap(`${name}-targets`, { 'targets.yaml': '[]\n' });
  return startPrometheusPod(kube, {
    namespace: NAMESPACE,
    name,
    config: name,
    labels: { app: name },
    ...(format === 'file_sd' && { targets: `${name}-targets` }),
  });
}

async function round(
  { kube }: Cluster,
  format: Format,
  pod: PrometheusPod,
  label: string,
  target: string,
  nudges: boolean,
): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'federation-sync-bench-'));
  const object =
    format === 'file_sd'
      ? `configMap: { namespace: ${NAMESPACE}, name: ${pod.name}-targets, key: targets.yaml }
      format: file_sd`
      : `configMap: { namespace: ${NAMESPACE}, name: ${pod.name}, key: prometheus.yml }`;
  const settings = `
cluster: { kubeconfig: { path: kubeconfig } }
jobs:
  - job: federate
    from: [{ records: zone.json, allowAddresses: true }]
    select: { name: 'internal$' }
    target: '${target}'
    guard: { maxRemoved: 100%, adopt: replace }
    to:
      ${object}
      ${nudges ? `nudge: { pods: app=${pod.name} }` : ''}
      prometheus: { url: '${pod.url}', reload: ${format === 'static_configs'} }
      wait: 150s
`;
  try {
    writeFileSync(join(folder, 'kubeconfig'), kube.kubeconfig());
    const { jobs, cluster } = parseSettings(settings, 'bench', folder);
    const connection = connect({ jobs, cluster }, { env: {} });
    const records = { ResourceRecordSets: [{ Name: `${label}.internal.`, Type: 'A' }] };
    writeFileSync(join(folder, 'zone.json'), JSON.stringify(records));
    const begun = performance.now();
    const seconds = () => (performance.now() - begun) / 1000;
    const seen = async (look: () => Promise<boolean>) => {
      while (!(await look().catch(() => false))) await setTimeout(25);
      return seconds();
    };
    const synced = sync(jobs, connection, { signal: AbortSignal.timeout(170_000) });
    const known = seen(async () =>
      (await pod.targets()).some(({ discoveredLabels }) => discoveredLabels.clusterID === label),
    );
    const sample = seen(async () => (await pod.query(`up{clusterID="${label}"}`)).length > 0);
    const [[outcome]] = await Promise.all([synced, known, sample]);
    connection.kubernetes().close();
    const problems = [
      outcome?.fault?.message,
      ...(outcome?.warnings ?? []).map((it) => it.message),
    ];
    if (problems.some(Boolean)) throw new Error(`${pod.name}: ${problems.join('; ')}`);
    return { known: await known, sample: await sample };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
