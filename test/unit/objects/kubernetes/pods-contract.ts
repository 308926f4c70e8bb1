import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { KubernetesRef } from '../../../../src/location.ts';
import { KubernetesClient } from '../../../../src/objects/kubernetes/client.ts';
import { KubernetesPods } from '../../../../src/objects/kubernetes/pods.ts';
import { NUDGED } from '../../../../src/objects/pods.ts';
import { Admin, accessTo, type ContractServer, quick, run } from '../contract.ts';

const OBJECT: KubernetesRef = { kind: 'configMap', namespace: 'nudges', name: 'targets' };
const SELECTOR = 'app=prometheus,tier in (central, spare)';
const MOUNT = { name: 'targets', mountPath: '/etc/targets' };

interface PodParts {
  readonly volume?: object;
  readonly mount?: object;
  readonly labels?: Readonly<Record<string, string>>;
  readonly phase?: string;
  /** The container is an init container, next to one that mounts nothing. */
  readonly init?: boolean;
}

/** How pods are nudged, on an API server without nodes: nobody but the suite changes their phase. */
export function podsContract(start: () => Promise<ContractServer>): void {
  let server: ContractServer;
  let admin: Admin;
  let client: KubernetesClient;
  let pods: KubernetesPods;
  const names: string[] = [];

  beforeAll(async () => {
    server = await start();
    admin = new Admin(server);
    client = new KubernetesClient(accessTo(server, server.adminToken), quick);
    pods = new KubernetesPods(client);
    await admin.send('POST', '/api/v1/namespaces', { metadata: { name: 'nudges' } });
  });
  afterAll(async () => {
    client?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    for (const name of names.splice(0)) {
      await admin.send('DELETE', `${PODS}/${name}?gracePeriodSeconds=0`);
    }
  });

  const PODS = '/api/v1/namespaces/nudges/pods';

  async function pod(name: string, parts: PodParts = {}): Promise<void> {
    const { volume = { configMap: { name: 'targets' } }, mount = {}, phase = 'Running' } = parts;
    const image = { image: 'prometheus', terminationMessagePolicy: 'File' };
    const mounting = { ...image, name: 'server', volumeMounts: [{ ...MOUNT, ...mount }] };
    names.push(name);
    await admin.send('POST', PODS, {
      metadata: { name, labels: { app: 'prometheus', tier: 'central', ...parts.labels } },
      spec: {
        automountServiceAccountToken: false,
        containers: parts.init ? [{ ...image, name: 'main' }] : [mounting],
        ...(parts.init && { initContainers: [mounting] }),
        volumes: [{ name: 'targets', ...volume }],
      },
    });
    const status = { status: { phase } };
    await admin.send('PATCH', `${PODS}/${name}/status`, status, server.adminToken);
  }

  const nudgedAs = async (name: string) => {
    const { metadata } = (await admin.send('GET', `${PODS}/${name}`)) as {
      metadata: { annotations?: Record<string, string> };
    };
    return metadata.annotations?.[NUDGED];
  };
  const nudge = (object = OBJECT) => pods.nudge(object, SELECTOR, '4711', run);

  test.each<[string, PodParts, KubernetesRef?]>([
    ['a ConfigMap', {}],
    [
      'one key of a ConfigMap',
      { volume: { configMap: { name: 'targets', items: [{ key: 'a', path: 'b' }] } } },
    ],
    ['a Secret', { volume: { secret: { secretName: 'targets' } } }, { ...OBJECT, kind: 'secret' }],
    [
      'one source of a projected volume',
      {
        volume: {
          projected: { sources: [{ secret: { name: 'x' } }, { configMap: { name: 'targets' } }] },
        },
      },
    ],
  ])('nudges a running pod that mounts %s', async (_, parts, object) => {
    await pod('mounting', parts);
    expect(await nudge(object)).toEqual({ pods: 1, warnings: [] });
    expect(await nudgedAs('mounting')).toBe('4711');
  });

  test('nudges no other pod', async () => {
    await pod('mounting');
    await pod('other-object', { volume: { configMap: { name: 'rules' } } });
    await pod('a-secret-of-that-name', { volume: { secret: { secretName: 'targets' } } });
    await pod('other-labels', { labels: { tier: 'leaf' } });
    await pod('pending', { phase: 'Pending' });
    await pod('done', { phase: 'Succeeded' });
    await pod('at-start-only', { init: true });
    expect(await nudge()).toEqual({ pods: 1, warnings: [] });
    const nudged = await Promise.all(names.map(nudgedAs));
    expect(nudged.filter((it) => it !== undefined)).toEqual(['4711']);
  });

  test('reports a mount that never refreshes, and that nobody mounts the object', async () => {
    await pod('fixed', { mount: { subPath: 'targets.json' } });
    expect(await nudge()).toEqual({
      pods: 0,
      warnings: [
        {
          code: 'subpath-mount',
          message:
            'pod fixed mounts it with subPath (container server, /etc/targets): it never receives an update. Mount the volume as a directory.',
        },
      ],
    });
    expect(await nudgedAs('fixed')).toBeUndefined();
    expect(await nudge({ ...OBJECT, name: 'unused' })).toEqual({
      pods: 0,
      warnings: [
        {
          code: 'nudge-nobody',
          message: `no running pod in namespace nudges matches ${SELECTOR} and mounts configmap/nudges/unused`,
        },
      ],
    });
  });

  test('reads all pages of pods', async () => {
    for (let i = 0; i < 7; i++) await pod(`page-${i}`);
    const small = new KubernetesPods(client, { page: 3 });
    expect(await small.nudge(OBJECT, SELECTOR, '4712', run)).toEqual({ pods: 7, warnings: [] });
    expect(await nudgedAs('page-6')).toBe('4712');
  });

  test('changes nothing that the pod runs', async () => {
    await pod('mounting');
    const body = { spec: { containers: [{ name: 'server', image: 'other' }] } };
    await admin.send('PATCH', `${PODS}/mounting/status`, body, server.adminToken);
    const { spec } = (await admin.send('GET', `${PODS}/mounting`)) as {
      spec: { containers: { image: string }[] };
    };
    expect(spec.containers[0]?.image).toBe('prometheus');
  });

  test('without rights it is a warning with the remedy', async () => {
    await pod('mounting');
    const access = accessTo(server, server.syncerToken);
    const denied = new KubernetesClient(access, quick);
    const { pods: count, warnings } = await new KubernetesPods(denied).nudge(
      OBJECT,
      SELECTOR,
      '1',
      run,
    );
    denied.close();
    expect([count, warnings.map(({ code }) => code)]).toEqual([0, ['nudge-failed']]);
    expect(warnings[0]?.message).toMatch(
      /^could not list the pods .* RBAC does not allow it .*; the list arrives with the kubelet's own sync.* Grant list of pods/,
    );
  });

  test('a run that has ended is a warning too', async () => {
    await pod('mounting');
    const over = { signal: AbortSignal.abort() };
    const { warnings } = await pods.nudge(OBJECT, SELECTOR, '1', over);
    expect(warnings.map(({ code }) => code)).toEqual(['nudge-failed']);
  });
}
