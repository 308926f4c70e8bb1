import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Kubernetes, startKubernetes } from '../../../support/emulators/kubernetes.ts';
import { folderWith, run, zoneOf } from '../run.ts';

/** Without the name of a list, init looks for it in the ScrapeConfigs of the namespace. */

const LIST = 'list scrapeconfigs';

let server: Kubernetes;
beforeAll(async () => {
  server = await startKubernetes();
});
afterAll(() => server.close());
beforeEach(() => {
  server.faults.clear();
  for (const name of ['federate', 'other', 'empty'])
    server.delete('ScrapeConfig', 'monitoring', name);
});

const put = (name: string, ...targets: string[]) =>
  server.put({
    kind: 'ScrapeConfig',
    metadata: { namespace: 'monitoring', name },
    spec: { staticConfigs: targets.map((target) => ({ targets: [target] })) },
  });
const init = (args: readonly string[] = [], kubeconfig: string | object = server.kubeconfig()) => {
  const folder = folderWith({
    kubeconfig,
    'zone.json': zoneOf('a.example.com.', 'b.example.com.'),
  });
  const env = { KUBECONFIG: `${folder}/kubeconfig` };
  return run(folder, ['init', '-', '--records', 'zone.json', ...args], env);
};

test('finds the one whose list has names of the zone', async () => {
  put('federate', 'a.example.com.', 'by-hand:80');
  put('other', 'unrelated:80');
  put('empty');
  const { code, stdout } = await init();
  expect(code).toBe(0);
  expect(stdout).toContain('scrapeConfig: { namespace: monitoring, name: federate }');
  expect(stdout).toContain("- targets: ['by-hand:80']");
});

test.each<[string, () => void, RegExp]>([
  ['there are none', () => undefined, /namespace monitoring has no ScrapeConfig\. /],
  ['none matches', () => put('other', 'x:80'), /no target of other is a name of the zone\. /],
  [
    'several match',
    () => ['federate', 'other'].map((name) => put(name, 'a.example.com.')),
    /Choose one: --scrapeconfig federate, or --scrapeconfig other\./,
  ],
  [
    'the cluster has no such kind',
    () => server.faults.on({ operation: LIST }, { status: 404, body: '404 page not found\n' }),
    /cannot be listed: the cluster does not know that kind of object\. /,
  ],
])('where %s, says how a list is named', async (_, arrange, reason) => {
  arrange();
  const { code, stdout, stderr } = await init();
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^error: usage: /);
  expect(stderr).toMatch(/--scrapeconfig (NAME|federate)/);
  expect(stderr).toMatch(reason);
});

test('names the permission that is missing', async () => {
  const token = server.addUser({ name: 'reader' });
  const { code, stderr } = await init([], server.kubeconfig({ token }));
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /in namespace monitoring cannot be listed: that needs list of scrapeconfigs/,
  );
});

test('says that no cluster is configured', async () => {
  const { code, stderr } = await init([], 'kind: Config');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: usage: init requires a list: .* cannot be listed: /);
});

test('looks in the namespace that is named', async () => {
  put('federate', 'a.example.com.');
  const { stderr } = await init(['--namespace', 'apps']);
  expect(stderr).toContain('namespace apps has no ScrapeConfig');
});

test('sends nothing where a list is named, or no zone is', async () => {
  await init(['--configmap', 'x']);
  await run(folderWith({ kubeconfig: server.kubeconfig() }), ['init']);
  expect(server.faults.calls.map(({ operation }) => operation)).not.toContain(LIST);
});
