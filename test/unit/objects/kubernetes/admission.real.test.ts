import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EksClient } from '../../../../src/aws/eks-client.ts';
import { Fault } from '../../../../src/fault.ts';
import type { KubernetesRef } from '../../../../src/location.ts';
import { openCluster } from '../../../../src/objects/cluster/cluster.ts';
import { EksAccess } from '../../../../src/objects/cluster/eks.ts';
import { KubernetesClient } from '../../../../src/objects/kubernetes/client.ts';
import { KubernetesObjects } from '../../../../src/objects/kubernetes/objects.ts';
import { describeWith } from '../../../support/parts/available.ts';
import {
  type EksTokenWebhook,
  startEksTokenWebhook,
} from '../../../support/parts/eks-token-webhook.ts';
import { type KubeApiserver, startKubeApiserver } from '../../../support/parts/kube-apiserver.ts';
import { Admin, accessTo, quick, run } from '../contract.ts';

const credentials = { accessKeyId: 'AKIA1', secretAccessKey: 'secret', sessionToken: 'session' };

describeWith('kube-apiserver', "a real API server's own plugins", () => {
  let webhook: EksTokenWebhook;
  let server: KubeApiserver;
  let admin: Admin;
  let namespace: string;
  const clients: KubernetesClient[] = [];

  beforeAll(async () => {
    const { accessKeyId, ...known } = credentials;
    const principal = { ...known, username: 'sync', groups: ['system:masters'] };
    webhook = await startEksTokenWebhook({
      clusterName: 'central',
      credentials: { [accessKeyId]: principal },
    });
    server = await startKubeApiserver({ tokenWebhook: webhook });
    admin = new Admin({ ...server, syncerToken: '' });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server?.stop();
    await webhook?.stop();
  });
  beforeEach(async () => {
    namespace = await admin.namespace();
  });

  const objectsBy = (access: ConstructorParameters<typeof KubernetesClient>[0]) => {
    const client = new KubernetesClient(access, quick);
    clients.push(client);
    return new KubernetesObjects(client);
  };
  const asAdmin = () => objectsBy(accessTo(server, server.adminToken));
  const configMap = (): KubernetesRef => ({ kind: 'configMap', namespace, name: 'central' });
  const create = async (text = 'new'): Promise<Fault | string> => {
    const objects = asAdmin();
    const snapshot = await objects.read(configMap(), { create: true }, run);
    return objects
      .write(snapshot, { texts: new Map([['key', text]]), managed: ['federate'] }, run)
      .catch((error) => {
        expect(error).toBeInstanceOf(Fault);
        return error;
      });
  };
  const objectPath = () => `/api/v1/namespaces/${namespace}/configmaps/central`;
  const patiently = { timeout: 20_000, interval: 200 };
  const unique = (name: string) => `${name}-${randomBytes(3).toString('hex')}`;

  test('a quota that is used up is named', async () => {
    const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
    const hard = { 'count/configmaps': '0' };
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small' } };
    await admin.send('POST', quotas, { ...quota, spec: { hard } });
    // What its controller would write.
    const status = { hard, used: { 'count/configmaps': '0' } };
    await admin.patch(`${quotas}/small/status`, { status });
    await expect
      .poll(() => create())
      .toMatchObject({
        code: 'kubernetes-refused',
        message: expect.stringContaining('quota small'),
      });
  });

  test('a policy that denies the request is named, but not quoted', async () => {
    const name = unique('no-sync');
    const common = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name } };
    const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
    const rule = {
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['CREATE'],
      resources: ['configmaps'],
    };
    await admin.send('POST', policies, {
      ...common,
      kind: 'ValidatingAdmissionPolicy',
      spec: {
        matchConstraints: { resourceRules: [rule] },
        validations: [
          {
            expression: `object.metadata.namespace != "${namespace}"`,
            messageExpression: '"it says " + object.data["key"]',
          },
        ],
      },
    });
    await admin.send('POST', policies.replace('policies', 'policybindings'), {
      ...common,
      kind: 'ValidatingAdmissionPolicyBinding',
      spec: { policyName: name, validationActions: ['Deny'] },
    });
    let refused: Fault | string | undefined;
    await expect
      .poll(async () => {
        // Until the policy is in force, the object is created.
        await admin.remove(objectPath()).catch(() => undefined);
        refused = await create('secret-content');
        return refused;
      }, patiently)
      .toMatchObject({ code: 'kubernetes-refused' });
    const { message } = refused as unknown as Fault;
    expect(message).toContain(`admission policy ${name} refused it`);
    expect(message).not.toContain('secret-content');
  });

  test('a webhook that does not answer is named', async () => {
    const name = 'slow.example.com';
    const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const configuration = unique('slow');
    await admin.send('POST', configurations, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: configuration },
      webhooks: [
        {
          name,
          clientConfig: { url: 'https://127.0.0.1:1/' },
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] },
          ],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          failurePolicy: 'Fail',
        },
      ],
    });
    await expect
      .poll(async () => {
        await admin
          .remove(`/api/v1/namespaces/${namespace}/configmaps/central`)
          .catch(() => undefined);
        return create();
      })
      .toMatchObject({ code: 'kubernetes-unavailable', message: expect.stringContaining(name) });
  });

  test('a namespace that is being deleted accepts no object', async () => {
    await admin.remove(`/api/v1/namespaces/${namespace}`);
    await expect
      .poll(() => create())
      .toMatchObject({
        code: 'kubernetes-refused',
        message: expect.stringContaining('NamespaceTerminating'),
      });
  });

  test('an EKS token signs in, and one that has expired is replaced', async () => {
    const cluster = {
      name: 'central',
      endpoint: server.url,
      certificateAuthority: Buffer.from(server.certificateAuthority).toString('base64'),
    };
    const client = new EksClient({ region: 'eu-west-1', credentials });
    const before = webhook.verdicts.length;
    const hourAgo = new Date(Date.now() - 3_600_000);
    const clock = () => (webhook.verdicts.length === before ? hourAgo : new Date());
    const objects = objectsBy(new EksAccess(cluster, client, clock));
    await objects.read(configMap(), { create: true }, run);
    const [old, fresh] = webhook.verdicts.slice(before);
    expect(old?.error).toContain('expired');
    expect(fresh?.identity?.username).toBe('sync');
  });

  test('a token for another cluster is unauthorized', async () => {
    const cluster = {
      name: 'other',
      endpoint: server.url,
      certificateAuthority: Buffer.from(server.certificateAuthority).toString('base64'),
    };
    const client = new EksClient({ region: 'eu-west-1', credentials });
    const read = objectsBy(new EksAccess(cluster, client)).read(configMap(), { create: true }, run);
    await expect(read).rejects.toMatchObject({ code: 'kubernetes-unauthorized' });
  });

  test('a client certificate signs in', async () => {
    const user = server.clientCertificate('sync', ['system:masters']);
    const path = server.kubeconfigFile(user);
    const access = openCluster({ kubeconfig: { path } }, { env: {}, eks: () => expect.fail() });
    const objects = objectsBy(access);
    await expect(objects.read(configMap(), { create: true }, run)).resolves.toBeDefined();
  });

  test('anonymous is forbidden', async () => {
    const path = server.kubeconfigFile({ token: '' });
    const access = openCluster({ kubeconfig: { path } }, { env: {}, eks: () => expect.fail() });
    const read = objectsBy(access).read(configMap(), { create: true }, run);
    await expect(read).rejects.toMatchObject({
      code: expect.stringMatching(/^kubernetes-(forbidden|unauthorized)$/),
    });
  });
});
