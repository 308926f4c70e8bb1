import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Rights } from '../../../../src/commands/doctor/rights-check.ts';
import { checkScrapeConfig } from '../../../../src/commands/doctor/scrape-config-check.ts';
import type { KubernetesRef } from '../../../../src/location.ts';
import { KubernetesClient } from '../../../../src/objects/kubernetes/client.ts';
import { type Kubernetes, startKubernetes } from '../../../support/emulators/kubernetes.ts';
import { accessTo, quick, run } from '../../objects/contract.ts';

const object: KubernetesRef = { kind: 'scrapeConfig', namespace: 'apps', name: 'federate' };
const found = { metadata: { labels: { team: 'metrics', tier: 'a' } } };

let server: Kubernetes;
const clients: KubernetesClient[] = [];

beforeAll(async () => {
  server = await startKubernetes();
  server.put({ kind: 'Namespace', metadata: { name: 'apps', labels: { scraped: 'yes' } } });
});
afterAll(async () => {
  for (const client of clients) client.close();
  await server.close();
});
beforeEach(() => {
  server.faults.clear();
  server.delete('Prometheus', 'monitoring', 'central');
});

async function check(spec?: object, token = server.adminToken, resource: object = found) {
  if (spec) {
    server.put({
      kind: 'Prometheus',
      metadata: { namespace: 'monitoring', name: 'central' },
      spec,
    });
  }
  const client = new KubernetesClient(accessTo(server, token), quick);
  clients.push(client);
  return checkScrapeConfig(object, resource, client, new Rights(client, run), run);
}

const ALL = { scrapeConfigSelector: {}, scrapeConfigNamespaceSelector: {} };
const where = (scrapeConfigSelector: object) => ({ ...ALL, scrapeConfigSelector });
const expression = (key: string, operator: string, values?: string[]) =>
  where({ matchExpressions: [{ key, operator, ...(values && { values }) }] });

test.each<[string, boolean, object]>([
  ['empty selectors select everything', true, ALL],
  ['an unset selector selects nothing', false, { scrapeConfigNamespaceSelector: {} }],
  ['an unset namespace selector selects its own namespace', false, { scrapeConfigSelector: {} }],
  ['labels that match', true, where({ matchLabels: { team: 'metrics' } })],
  ['labels of which one differs', false, where({ matchLabels: { team: 'metrics', tier: 'b' } })],
  ['In', true, expression('tier', 'In', ['a', 'b'])],
  ['In other values', false, expression('tier', 'In', ['b'])],
  ['NotIn', false, expression('tier', 'NotIn', ['a'])],
  ['NotIn of a missing label', true, expression('other', 'NotIn', ['a'])],
  ['Exists', false, expression('other', 'Exists')],
  ['DoesNotExist', true, expression('other', 'DoesNotExist')],
  [
    'a namespace by its labels',
    true,
    { ...ALL, scrapeConfigNamespaceSelector: { matchLabels: { scraped: 'yes' } } },
  ],
  [
    'a namespace without these labels',
    false,
    { ...ALL, scrapeConfigNamespaceSelector: { matchLabels: { scraped: 'no' } } },
  ],
])('%s: %s', async (_, isSelected, spec) => {
  const [finding] = await check(spec);
  expect(finding?.status).toBe(isSelected ? 'ok' : 'warning');
});

test('names what the operator adds to the relabelling', async () => {
  const scrapeClasses = [{ name: 'secure', default: true, relabelings: [{ targetLabel: 'x' }] }];
  const [finding] = await check({
    ...ALL,
    shards: 2,
    enforcedNamespaceLabel: 'namespace',
    scrapeClasses,
  });
  expect(finding?.message).toBe(
    'prometheus/monitoring/central selects it, as job scrapeConfig/apps/federate; the operator adds the label namespace="apps", hashmod over 2 shards, the relabelings of the scrape class secure',
  );
});

test.each([
  ['second', 'ok', 'the operator adds the relabelings of the scrape class second'],
  ['third', 'failure', 'has no scrape class third: the operator skips it'],
])(
  'the scrape class %s that it names, instead of the default: %s',
  async (scrapeClass, status, text) => {
    const relabelings = [{ targetLabel: 'x' }];
    const scrapeClasses = [
      { name: 'first', default: true, relabelings },
      { name: 'second', relabelings },
    ];
    const spec = { ...ALL, scrapeClasses };
    const [finding] = await check(spec, undefined, { ...found, spec: { scrapeClass } });
    expect(finding).toMatchObject({ status, message: expect.stringContaining(text) });
  },
);

test('says how to check by hand what it may not list', async () => {
  const [finding] = await check(ALL, server.addUser({ name: 'syncer' }));
  expect(finding).toMatchObject({ status: 'note', about: 'scrapeconfig/apps/federate' });
});

test.each([
  ['every kind of its version', { status: 404, body: '404 page not found\n' }],
  [
    'that kind alone, as with an older operator,',
    { status: 200, body: JSON.stringify({ resources: [{ name: 'alertmanagerconfigs' }] }) },
  ],
])('fails where %s is missing', async (_, answer) => {
  server.faults.on({ operation: 'GET /apis/monitoring.coreos.com/v1alpha1' }, answer);
  const [finding] = await check(ALL);
  expect(finding).toMatchObject({ status: 'failure', remedy: expect.stringContaining('CRDs') });
});
