import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Kubernetes, startKubernetes } from '../../support/emulators/kubernetes.ts';
import { describeWith } from '../../support/parts/available.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { kubectl } from '../../support/parts/kubeconfig.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';

/*
 * The Kubernetes emulator judged by a client that nobody here wrote: the same kubectl commands go to it and to
 * a real API server, and must print the same, errors included.
 */

interface Step {
  readonly args: readonly string[];
  readonly input?: string;
  readonly as?: 'admin' | 'jane';
  /** What the real server says once it has heard of a change: its authorizer learns by a watch. */
  readonly settles?: string;
}

const manifest = (kind: string, data: object, more: object = {}) =>
  JSON.stringify({ apiVersion: 'v1', kind, metadata: { name: 'central' }, data, ...more });
const step = (command: string, ...rest: string[]): Step => ({
  args: [...command.split(' '), ...rest],
});
const given = (input: string, command: string): Step => ({ ...step(command), input });
const jane = (command: string): Step => ({ ...step(command), as: 'jane' });
const whole = 'get configmap prometheus-server -o json --show-managed-fields';

const scenes: Record<string, readonly Step[]> = {
  'create and get': [
    step(
      'create configmap prometheus-server',
      '--from-literal=prometheus.yml=scrape_configs: []\n',
    ),
    step('create configmap prometheus-server --from-literal=a=b'),
    step(whole),
    step('get configmap prometheus-server', '-o', 'jsonpath={.data.prometheus\\.yml}'),
    step('get configmaps'),
    step('get configmaps -o name'),
    step('get configmap absent'),
    step('get configmaps -n nowhere'),
  ],
  patch: [
    step(
      'patch configmap prometheus-server --type merge -p',
      '{"data":{"rules.yml":"groups: []"}}',
    ),
    step(
      'patch configmap prometheus-server --type json -p',
      '[{"op":"remove","path":"/data/rules.yml"}]',
    ),
    step('patch configmap prometheus-server -p', '{"data":{"rules.yml":"{}"}}'),
    step(
      'patch configmap prometheus-server --type merge -p',
      '{"metadata":{"resourceVersion":"1"},"data":{"a":"1"}}',
    ),
    step('patch configmap prometheus-server --type merge -p', '{"data":{"a":1}}'),
    step(
      'patch configmap prometheus-server --type json -p',
      '[{"op":"test","path":"/data/a","value":"x"}]',
    ),
    step('patch configmap absent --type merge -p', '{"data":{"a":"1"}}'),
    step('annotate configmap prometheus-server route53-federation-sync/paused=true'),
    step('annotate configmap prometheus-server route53-federation-sync/paused=false'),
    step('label configmap prometheus-server app.kubernetes.io/managed-by=Helm'),
    step('get configmaps -l app.kubernetes.io/managed-by=Helm -o name'),
    step('get configmaps --field-selector metadata.name=absent'),
    step('describe configmap prometheus-server'),
    step(whole),
  ],
  'apply, diff, replace and delete': [
    given(manifest('ConfigMap', { a: '1', b: '2' }), 'apply -f -'),
    given(manifest('ConfigMap', { a: '1', b: '2' }), 'apply -f -'),
    given(manifest('ConfigMap', { a: '3' }), 'apply -f -'),
    given(manifest('ConfigMap', { a: '3' }), 'diff -f -'),
    given(manifest('ConfigMap', { a: '4' }), 'apply --dry-run=server -f -'),
    step('get configmap central -o json --show-managed-fields'),
    given(manifest('ConfigMap', { a: '5' }, { immutable: true }), 'replace -f -'),
    given(manifest('ConfigMap', { a: '6' }, { immutable: true }), 'replace -f -'),
    step('patch configmap central --type merge -p', '{"data":{"a":"7"}}'),
    step('delete configmap central'),
    step('delete configmap central'),
    given(manifest('ConfigMap', { a: '6' }), 'replace -f -'),
    given(manifest('ConfigMap', { 'not/a/key': '6' }), 'create -f -'),
    given(manifest('ConfigMap', { a: 6 }), 'create -f -'),
    given(manifest('ConfigMap', { a: 'x'.repeat(1024 * 1024 + 1) }), 'create -f -'),
    given(manifest('ConfigMap', { a: '1' }, { date: {} }), 'create -f -'),
  ],
  secrets: [
    step('create secret generic central --from-literal=scrape-configs.yaml=[]'),
    step('get secrets'),
    step('describe secret central'),
    step('get secret central', '-o', 'jsonpath={.data}'),
    step('patch secret central --type merge -p', '{"data":{"a":"not base64"}}'),
    step('patch secret central --type merge -p', '{"stringData":{"a":"1"}}'),
    step('get secret central -o json --show-managed-fields'),
    step('delete secret central'),
  ],
  'who may do what': [
    jane('get configmap prometheus-server'),
    jane('auth can-i get configmaps/prometheus-server'),
    step(
      'create role sync --verb=get,patch --resource=configmaps --resource-name=prometheus-server',
    ),
    step('create rolebinding sync --role=sync --group=syncers'),
    { ...jane('auth can-i get configmaps/prometheus-server'), settles: 'yes' },
    jane('get configmap prometheus-server -o name'),
    jane('get configmap central'),
    jane('get configmaps'),
    jane('auth can-i patch configmaps/prometheus-server'),
    jane('auth can-i patch configmaps/central'),
    jane('auth can-i create configmaps'),
    jane('auth can-i delete configmaps/prometheus-server'),
    jane('auth can-i get secrets'),
    jane('auth whoami -o jsonpath={.status.userInfo.username}:{.status.userInfo.groups}'),
    jane('delete configmap prometheus-server'),
    step('auth can-i patch configmaps/prometheus-server'),
  ],
};

/** What two servers may differ in: times and ages, ids, versions, their own names. */
function normalize(text: string): string {
  return (
    inOneOrder(text)
      .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UID')
      .replace(/"?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"?/g, 'TIME')
      .replace(/("resourceVersion": )"\d+"/g, '$1N')
      // The object as it would have been, its fields in any order.
      .replace(/Invalid value: "\{.*\}"/g, 'Invalid value: OBJECT')
      .replace(/\b\d+m?s\b/g, 'AGE')
      .replace(/ +/g, ' ')
      .trim()
  );
}

/** Managers are listed by the second in which they wrote, which two servers need not share. */
function inOneOrder(text: string): string {
  if (!text.startsWith('{')) return text;
  const object = JSON.parse(text) as { metadata?: { managedFields?: { manager: string }[] } };
  object.metadata?.managedFields?.sort((a, b) => (a.manager < b.manager ? -1 : 1));
  return JSON.stringify(object, null, 1);
}

describeWith(['kube-apiserver', 'kubectl'], 'kubectl finds the emulator like the real one', () => {
  let real: KubeApiserver;
  let emulator: Kubernetes;
  let folder: string;
  const token = 'token-of-jane';
  const namespace = 'monitoring';

  beforeAll(async () => {
    folder = temporaryFolder('kubectl');
    emulator = await startKubernetes();
    emulator.addUser({ name: 'jane', groups: ['syncers'], token });
    real = await startKubeApiserver({ users: [{ name: 'jane', token, groups: ['syncers'] }] });
    for (const [name, server] of Object.entries({ real, emulator })) {
      writeFileSync(join(folder, `${name}-admin`), server.kubeconfig(undefined, namespace));
      writeFileSync(join(folder, `${name}-jane`), server.kubeconfig({ token }, namespace));
      await run(name, step(`create namespace ${namespace}`));
    }
  });
  afterAll(async () => {
    await real?.stop();
    await emulator?.close();
    removeFolder(folder);
  });

  async function run(server: string, { args, input, as = 'admin' }: Step): Promise<string> {
    const options = { input: input ?? '', env: { KUBECACHEDIR: join(folder, server) } };
    return kubectl(join(folder, `${server}-${as}`), [...args], options).catch(
      (error: Error) => error.message,
    );
  }

  const patience = { timeout: 10_000, interval: 100 };
  test.each(Object.keys(scenes))('%s', async (scene) => {
    for (const one of scenes[scene] ?? []) {
      const { settles } = one;
      if (settles) await expect.poll(() => run('real', one), patience).toContain(settles);
      const [wanted, got] = await Promise.all([run('real', one), run('emulator', one)]);
      expect.soft(normalize(got), `kubectl ${one.args.join(' ')}`).toBe(normalize(wanted));
    }
  });
  test('and hears from the emulator what it does not do', async () => {
    const input = manifest('ConfigMap', { a: '1' });
    expect(await run('emulator', given(input, 'apply --server-side -f -'))).toContain(
      'Server-side apply not available on the server',
    );
    expect(await run('emulator', step('get configmaps --watch'))).toContain(
      'the server does not allow this method',
    );
  });
});
