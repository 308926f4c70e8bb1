import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '../../../../src/job.ts';
import type { ClusterAccess } from '../../../../src/objects/cluster/access.ts';
import { openCluster } from '../../../../src/objects/cluster/cluster.ts';
import { InClusterAccess } from '../../../../src/objects/cluster/kubeconfig.ts';
import { kubeconfig } from '../../../support/parts/kubeconfig.ts';

const run = { signal: new AbortController().signal };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const central = kubeconfig({ server: 'https://central.example', user: { token: 'secret-token' } });
const other = kubeconfig({ server: 'https://other.example', user: { token: 't' }, name: 'other' });

const tokenOf = async (access: ClusterAccess) =>
  ((await access.signIn(run)).options.headers as Record<string, string>).Authorization;

async function serverOf(cluster: Cluster | undefined, env: Record<string, string> = {}) {
  const access = openCluster(cluster, { env, eks: () => expect.fail('no EKS is named') });
  return (await access.signIn(run)).server;
}

describe('the cluster', () => {
  test('is the current context of the kubeconfig in the settings', async () => {
    const path = put('config', central);
    expect(await serverOf({ kubeconfig: { path } }, { KUBECONFIG: put('x', other) })).toBe(
      'https://central.example',
    );
  });

  test('is the context in the settings', async () => {
    const files = [put('a', central), put('b', other)].join(delimiter);
    const inOther = { kubeconfig: { context: 'other' } };
    expect(await serverOf(inOther, { KUBECONFIG: files })).toBe('https://other.example');
  });

  test('is that of KUBECONFIG without one in the settings; missing files are left out', async () => {
    const files = [join(folder, 'none'), put('a', central), put('b', other)].join(delimiter);
    expect(await serverOf(undefined, { KUBECONFIG: files })).toBe('https://central.example');
  });

  test('is that of the default kubeconfig without KUBECONFIG', async () => {
    mkdirSync(join(folder, '.kube'));
    put('.kube/config', central);
    expect(await serverOf(undefined, { HOME: folder })).toBe('https://central.example');
  });

  test('is read again after its credentials were refused', async () => {
    const path = put('config', central);
    const access = openCluster({ kubeconfig: { path } }, { env: {}, eks: () => expect.fail() });
    expect(await tokenOf(access)).toBe('Bearer secret-token');
    put('config', kubeconfig({ server: 'https://central.example', user: { token: 'fresh' } }));
    expect(await tokenOf(access)).toBe('Bearer secret-token');
    access.renew();
    expect(await tokenOf(access)).toBe('Bearer fresh');
  });
});

describe('a kubeconfig that cannot be used is refused, with the reason', () => {
  const withoutUser = JSON.stringify({ ...JSON.parse(central), users: [] });
  const withoutCluster = JSON.stringify({ ...JSON.parse(central), clusters: [] });
  const withoutContext = JSON.stringify({ ...JSON.parse(central), 'current-context': undefined });
  const withoutServer = 'clusters: [{ name: central, cluster: {} }]';

  test.each([
    ['no such file', undefined, /config: cannot be read \(ENOENT\)/],
    ['broken YAML', 'token: "secret-token\nusers: [', /not valid YAML/],
    ['an empty file', '', /not a kubeconfig|no current-context|not valid YAML/],
    ['something else', '- a\n- b\n', /no current-context/],
    ['no server', withoutServer, /clusters\[0\]\.cluster\.server is missing/],
    ['no current context', withoutContext, /no current-context/],
    ['no such user', withoutUser, /a user that is not defined/],
    ['no such cluster', withoutCluster, /a cluster that is not defined/],
  ])('%s', async (_, text, reason) => {
    const path = text === undefined ? join(folder, 'config') : put('config', text);
    const refused = expect(serverOf({ kubeconfig: { path } })).rejects;
    await refused.toMatchObject({
      code: 'cluster-invalid',
      message: expect.stringMatching(reason),
    });
    await refused.toSatisfy(
      (fault: Error) => !JSON.stringify([fault.message, fault.cause]).includes('secret-token'),
    );
  });

  test('a context that is not defined, and those that are', async () => {
    const cluster = { kubeconfig: { path: put('config', central), context: 'typo' } };
    await expect(serverOf(cluster)).rejects.toMatchObject({
      code: 'cluster-invalid',
      message: expect.stringContaining('no context typo (its contexts: central)'),
    });
  });

  test('no cluster and no kubeconfig', async () => {
    await expect(serverOf(undefined, { HOME: folder })).rejects.toMatchObject({
      code: 'cluster-invalid',
    });
  });

  test('KUBECONFIG with only missing files', async () => {
    await expect(serverOf(undefined, { KUBECONFIG: '/no/such' })).rejects.toMatchObject({
      code: 'cluster-invalid',
    });
  });
});

describe('an exec plugin', () => {
  /** A kubeconfig whose plugin is this shell script. */
  async function signIn(script: string) {
    const command = put('plugin.sh', `#!/bin/sh\n${script}\n`);
    chmodSync(command, 0o755);
    const user = { exec: { command } };
    const path = put('config', kubeconfig({ server: 'https://central.example', user }));
    const env = { env: {}, eks: () => expect.fail() };
    return tokenOf(openCluster({ kubeconfig: { path } }, env));
  }

  test('returns the token', async () => {
    const credential = JSON.stringify({ status: { token: 'from-plugin' } });
    expect(await signIn(`echo '${credential}'`)).toBe('Bearer from-plugin');
  });

  test.each([
    ['fails', 'echo "Unable to locate credentials" >&2; exit 255', 'Unable to locate credentials'],
    ['prints a token to stderr', `echo "debug ${'abc123'.repeat(10)}" >&2; exit 1`, 'debug ...'],
    ['prints no JSON', 'echo "secret-token is not JSON"', 'its output is not JSON'],
  ])('that %s is unauthorized, and says why', async (_, script, why) => {
    const refused = expect(signIn(script)).rejects;
    await refused.toMatchObject({
      code: 'kubernetes-unauthorized',
      message: expect.stringContaining(why),
    });
    await refused.toSatisfy((fault: Error) => !fault.message.includes('secret-token'));
  });
});

describe('in a pod', () => {
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

  test('the token of the service account signs in', async () => {
    const account = join(folder, 'var/run/secrets/kubernetes.io/serviceaccount');
    mkdirSync(account, { recursive: true });
    writeFileSync(join(account, 'token'), 'first');
    writeFileSync(join(account, 'ca.crt'), 'PEM');
    const access = new InClusterAccess(pod, folder);
    expect((await access.signIn(run)).server).toBe('https://10.0.0.1:443');
    expect(await tokenOf(access)).toBe('Bearer first');
    writeFileSync(join(account, 'token'), 'rotated');
    access.renew();
    expect(await tokenOf(access)).toBe('Bearer rotated');
  });

  test('outside a pod it is refused', async () => {
    await expect(serverOf({ inCluster: true })).rejects.toMatchObject({ code: 'cluster-invalid' });
  });
});
