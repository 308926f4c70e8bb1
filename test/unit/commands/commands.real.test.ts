import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { folderWith, prometheusYml, run } from './run.ts';

describeWith(['moto', 'kube-apiserver'], 'init and explain on moto and a real API server', () => {
  let moto: Moto;
  let server: KubeApiserver;
  beforeAll(async () => {
    [moto, server] = await Promise.all([startMoto(), startKubeApiserver()]);
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await Promise.all([moto.stop(), server.stop()]);
  });

  async function zoneWith(...names: string[]): Promise<string> {
    const client = new Route53Client({ region: 'us-east-1' });
    const { HostedZone } = await client.send(
      new CreateHostedZoneCommand({
        Name: 'example.com',
        CallerReference: crypto.randomUUID(),
        HostedZoneConfig: { PrivateZone: true },
        VPC: { VPCRegion: 'eu-west-1', VPCId: 'vpc-0a1b2c3d' },
      }),
    );
    const Changes = names.map((name) => ({
      Action: 'UPSERT' as const,
      ResourceRecordSet: {
        Name: `${name}.example.com`,
        Type: 'A' as const,
        TTL: 60,
        ResourceRecords: [{ Value: '192.0.2.1' }],
      },
    }));
    const Id = HostedZone?.Id ?? '';
    await client.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: Id, ChangeBatch: { Changes } }),
    );
    return Id.replace('/hostedzone/', '');
  }

  test('settings are written of which plan, doctor and explain make sense', async () => {
    const zone = await zoneWith('prometheus1', 'prometheus2', 'prometheus3', 'grafana');
    const namespace = await server.namespace();
    await server.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'prometheus-server', namespace },
      data: {
        'prometheus.yml': prometheusYml(
          'prometheus1.example.com. clusterID=cluster1',
          'prometheus2.example.com. clusterID=cluster2',
        ),
      },
    });
    const folder = folderWith({});
    const env = { KUBECONFIG: server.kubeconfigFile() };
    const flags = ['--zone', zone, '--namespace', namespace, '--configmap', 'prometheus-server'];
    const init = await run(folder, ['init', ...flags], env);
    expect([init.code, init.stderr]).toEqual([0, '']);

    const plan = await run(folder, ['plan', '--detailed-exitcode'], env);
    expect(plan.code).toBe(0);
    expect((await run(folder, ['doctor'], env)).code).toBe(0);
    const of = async (name: string) =>
      (await run(folder, ['explain', name, '--json'], env)).json.jobs[0];
    expect(await of('prometheus1.example.com')).toMatchObject({
      from: [{ zone, zoneName: 'example.com.', recordSets: [{ verdict: 'target' }] }],
      to: [{ state: 'listed' }],
    });
    expect(await of('prometheus3.example.com')).toMatchObject({
      from: [{ recordSets: [{ verdict: 'not-selected', rule: 'exclude' }] }],
    });
    expect(await of('grafana.example.com')).toMatchObject({
      from: [{ recordSets: [{ verdict: 'not-selected', rule: 'name' }] }],
    });
  });
});
