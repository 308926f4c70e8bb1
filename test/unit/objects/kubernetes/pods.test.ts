import { describe, expect, test } from 'vitest';
import { KubernetesClient } from '../../../../src/objects/kubernetes/client.ts';
import { KubernetesPods } from '../../../../src/objects/kubernetes/pods.ts';
import { startKubernetes } from '../../../support/emulators/kubernetes.ts';
import { accessTo, quick, run } from '../contract.ts';
import { podsContract } from './pods-contract.ts';

describe('pods of the emulated API server', () => {
  podsContract(async () => {
    const server = await startKubernetes();
    const syncerToken = server.addUser({ name: 'syncer' });
    return { ...server, syncerToken, stop: () => server.close() };
  });
});

test.each<[string, object]>([
  ['no list', { kind: 'Status' }],
  ['pods without a spec', { kind: 'PodList', items: [{ metadata: { name: 'a' } }] }],
])('an answer that is %s is a warning', async (_, body) => {
  const server = await startKubernetes();
  const client = new KubernetesClient(accessTo(server, server.adminToken), quick);
  server.faults.on({}, { status: 200, body: JSON.stringify(body) });
  const object = { kind: 'configMap', namespace: 'monitoring', name: 'targets' } as const;
  const nudge = await new KubernetesPods(client).nudge(object, 'app=prometheus', '1', run);
  client.close();
  await server.close();
  expect(nudge).toMatchObject({ pods: 0, warnings: [{ code: 'nudge-failed' }] });
});
