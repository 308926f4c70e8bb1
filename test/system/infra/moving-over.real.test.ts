import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JobReport } from '../../../src/report.ts';
import { describeWith } from '../../support/parts/available.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { promtool } from '../../support/parts/prometheus.ts';
import { inProcess } from '../acceptance/cli.ts';
import { zonesAt } from '../every-list/product.ts';

/*
 * The main steps of moving-over.test.ts on a real API server: of each original tool the document as it writes it and
 * the settings of infra/, except for the cluster and the ids of zones.
 */

const infra = join(import.meta.dirname, '../../../infra');
const original = (name: string) =>
  readFileSync(join(import.meta.dirname, 'originals', name), 'utf8');
const NAMESPACE = 'monitoring';
const SAME = { status: 'unchanged', added: [], removed: [], changed: [], skipped: [] };

interface Tool {
  readonly settings: string;
  /** Zones by their id in the settings. */
  readonly zones: Record<string, { name: string; public?: true; records: readonly string[] }>;
  readonly object: readonly [kind: 'configmap' | 'secret', name: string, key: string];
  /** The document, of originals/. */
  readonly document: string;
  /** A name of that zone that goes, one that comes, and their targets. */
  readonly change: { zone: string; from: [string, string]; to: [string, string] };
  readonly jobs: string;
}

const CLOUD = 'staging.cloud.mattermost.com';
const PING = '/api/v4/system/ping';
const TOOLS: Record<string, Tool> = {
  'the original Lambda': {
    settings: 'from-original.yml',
    zones: {
      ZPROMETHEUSHOSTEDZONEID: {
        name: 'internal',
        records: [
          'cluster1.prometheus.internal',
          'cluster2.prometheus.internal',
          'grafana.internal',
        ],
      },
      ZINSTALLATIONSHOSTEDZONEID: {
        name: 'cloud.mattermost.com',
        public: true,
        records: [`_acme-challenge.${CLOUD}`, `one.${CLOUD}`, `two.${CLOUD}`],
      },
    },
    object: ['configmap', 'mattermost-cm-prometheus-server', 'prometheus.yml'],
    document: 'prometheus.yml',
    change: {
      zone: 'ZPROMETHEUSHOSTEDZONEID',
      from: ['cluster1.prometheus.internal', 'cluster1.prometheus.internal.'],
      to: ['cluster3.prometheus.internal', 'cluster3.prometheus.internal.'],
    },
    jobs: 'blackbox,federate',
  },
  'cloud-blackbox-target-discovery': {
    settings: 'from-blackbox.yml',
    zones: {
      ZPUBLICHOSTEDZONEID: {
        name: 'cloud.example.com',
        public: true,
        records: [
          'one 1-blue',
          'two 2-blue',
          'three [hibernating]',
          'vpn 3-blue',
          '_acme 4-blue',
          'www',
        ].map((it) => it.replace(/^\S+/, '$&.cloud.example.com')),
      },
      ZPRIVATEHOSTEDZONEID: {
        name: 'internal.example.com',
        records: ['c1-grpc.internal.example.com', 'c1.internal.example.com'],
      },
    },
    object: ['secret', 'blackbox-targets', 'scrape_config_secret.yaml'],
    document: 'scrape_config_secret.yaml',
    change: {
      zone: 'ZPUBLICHOSTEDZONEID',
      from: ['one.cloud.example.com 1-blue', `one.cloud.example.com${PING}`],
      to: ['four.cloud.example.com 5-blue', `four.cloud.example.com${PING}`],
    },
    jobs: 'bind-server-1,blackbox',
  },
  'cloud-thanos-store-discovery': {
    settings: 'from-thanos.yml',
    zones: {
      ZPRIVATEHOSTEDZONEID: {
        name: 'internal.example.com',
        records: ['c1-grpc', 'c2-grpc', 'c1'].map((it) => `${it}.internal.example.com`),
      },
    },
    object: ['configmap', 'thanos-query-sd', 'servicediscovery.yml'],
    document: 'servicediscovery.yml',
    change: {
      zone: 'ZPRIVATEHOSTEDZONEID',
      from: ['c1-grpc.internal.example.com', 'c1-grpc.internal.example.com.:10901'],
      to: ['c3-grpc.internal.example.com', 'c3-grpc.internal.example.com.:10901'],
    },
    jobs: 'thanos',
  },
};

/** A record of `NAME [IDENTIFIER]`. No identifier occurs twice: moto deletes all of a zone that have it. */
const recordOf = (text: string) => {
  const [name = '', identifier] = text.split(' ');
  return { name, ...(identifier !== undefined && { identifier }) };
};

describeWith(['kube-apiserver', 'kubectl', 'moto', 'prometheus-3'], 'on a real API server', () => {
  let kube: KubeApiserver;
  let moto: Moto;
  let zones: ReturnType<typeof zonesAt>;
  const folder = temporaryFolder('moving-over');

  beforeAll(async () => {
    [kube, moto] = await Promise.all([startKubeApiserver(), startMoto()]);
    zones = zonesAt(moto.endpoint);
    await kube.namespace(NAMESPACE);
    writeFileSync(join(folder, 'kubeconfig'), kube.kubeconfig());
    const template = 'from-blackbox-template.yml';
    writeFileSync(join(folder, template), readFileSync(join(infra, template)));
  });
  afterAll(async () => {
    await kube?.stop();
    await moto?.stop();
    removeFolder(folder);
  });
  beforeEach(() => kube.kubectl(['delete', 'configmap,secret', '--all', '-n', NAMESPACE]));

  /** The tool's zones, and its settings for them. @returns the id of each zone */
  async function scene({ settings, zones: wanted }: Tool): Promise<Record<string, string>> {
    const ids: Record<string, string> = {};
    for (const [placeholder, zone] of Object.entries(wanted)) {
      const id = await zones.create(zone.name, { private: !zone.public });
      await zones.upsert(id, ...zone.records.map(recordOf));
      ids[placeholder] = id;
    }
    const text = readFileSync(join(infra, settings), 'utf8').replace(
      /eks: \{.*\}/,
      'kubeconfig: { path: kubeconfig }',
    );
    const filled = text.replace(/zone: (Z\w+)/g, (_, id: string) => `zone: ${ids[id]}`);
    writeFileSync(join(folder, 'federation-sync.yml'), filled);
    return ids;
  }

  const put = ({ object: [kind, name, key], document }: Tool) =>
    kube.kubectl([
      ...['create', ...(kind === 'secret' ? ['secret', 'generic'] : [kind]), name],
      ...[
        '-n',
        NAMESPACE,
        `--from-file=${key}=${join(import.meta.dirname, 'originals', document)}`,
      ],
    ]);

  async function stored({ object: [kind, name, key] }: Tool) {
    const text = await kube.kubectl(['get', kind, name, '-n', NAMESPACE, '-o', 'json']);
    const { data, metadata } = JSON.parse(text);
    return {
      text: Buffer.from(data[key], kind === 'secret' ? 'base64' : 'utf8').toString() as string,
      managed: metadata.annotations?.['route53-federation-sync/managed'] as string | undefined,
    };
  }

  async function run(command: string): Promise<JobReport[]> {
    const { stdout, stderr } = await inProcess(folder, [command, '--json'], moto.env);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout).jobs;
  }

  test.each(Object.entries(TOOLS))(
    'the document of %s is adopted as it is, and then follows its zones',
    async (_, tool) => {
      const ids = await scene(tool);
      await put(tool);
      for (const command of ['plan', 'sync'])
        for (const job of await run(command)) expect(job).toMatchObject(SAME);
      expect(await stored(tool)).toEqual({ text: original(tool.document), managed: tool.jobs });

      const { zone, from, to } = tool.change;
      await zones.remove(ids[zone] ?? '', recordOf(from[0]));
      await zones.upsert(ids[zone] ?? '', recordOf(to[0]));
      expect((await run('sync')).filter(({ status }) => status === 'written')).toMatchObject([
        { removed: [from[1]], added: [to[1]] },
      ]);
      const { text } = await stored(tool);
      expect([text.includes(from[1]), text.includes(to[1])]).toEqual([false, true]);
      for (const job of await run('sync')) expect(job).toMatchObject(SAME);
    },
  );

  test('a Secret that does not exist is created from its template, and Prometheus accepts it', async () => {
    const tool = TOOLS['cloud-blackbox-target-discovery'] as Tool;
    const ids = await scene(tool);
    expect(await run('plan')).toMatchObject([{ targets: 4 }, { targets: 1 }]);
    await expect(stored(tool)).rejects.toThrow('not found');
    expect(await run('sync')).toMatchObject([
      { status: 'written', targets: 4, to: expect.stringMatching(/^secret\/monitoring\/blackbox/) },
      { status: 'written', targets: 1 },
    ]);
    const { text, managed } = await stored(tool);
    expect(managed).toBe(tool.jobs);
    const [blackbox, bind] = parse(text);
    expect(blackbox).toEqual({
      ...parse(readFileSync(join(folder, 'from-blackbox-template.yml'), 'utf8'))[0],
      static_configs: [
        {
          targets: [
            'c1-grpc.internal.example.com.:9090',
            `https://community.example.com${PING}`,
            `one.cloud.example.com${PING}`,
            `two.cloud.example.com${PING}`,
          ],
          labels: { module: 'http_2xx' },
        },
      ],
    });
    expect(bind.static_configs).toEqual([{ targets: ['10.0.0.2:9119'] }]);
    const config = `scrape_configs:\n${text}`;
    expect(await promtool('3', 'config', config)).toMatchObject({ ok: true });

    for (const job of await run('sync')) expect(job).toMatchObject(SAME);
    await zones.remove(ids.ZPUBLICHOSTEDZONEID ?? '', recordOf('one.cloud.example.com 1-blue'));
    expect((await run('sync'))[0]).toMatchObject({
      status: 'written',
      removed: [`one.cloud.example.com${PING}`],
    });
  });
});
