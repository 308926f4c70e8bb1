import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { settingsSchema } from '../../../../src/commands/schema/json-schema.ts';
import { RULES } from '../../../../src/commands/schema/rules.ts';
import { checkSettings } from '../../../../src/settings/parse.ts';
import { accepts, formats } from './validator.ts';

const file = { file: 'a.yml' };
const configMap = { configMap: { namespace: 'm', name: 'p', key: 'k' } };
const source = { zone: 'Z1' };
const base = { job: 'a', from: [source], select: { name: 'x' } };
const settings = (change: object, cluster?: object) => ({
  ...(cluster && { cluster }),
  jobs: [{ ...base, to: configMap, ...change }],
});
const placed = (change: object) => settings({ to: { ...configMap, ...change } });
const served = (server: object) => placed({ prometheus: server });
const service = { namespace: 'm', name: 'p', port: 80 };
const both = { file: 'f', env: 'E' };

/** For each rule, by its place in RULES, settings that only it refuses. */
const ONLY: Readonly<Record<string, readonly object[]>> = {
  cluster: [settings({}, { eks: { name: 'a' }, inCluster: true })],
  'cluster.eks': [settings({}, { eks: { name: 'a', externalId: 'x' } })],
  jobs: [
    { jobs: [{ job: 'a', to: configMap }] },
    settings({ select: undefined }),
    settings({ job: undefined, name: 'a' }),
    settings({ to: file, keep: '15m' }),
    settings({ expect: [file], labels: {} }),
  ],
  'jobs.from': [
    settings({ from: [{ zone: 'Z1', records: 'zone.json' }] }),
    settings({ from: [{ records: 'zone.json', public: true }] }),
  ],
  'jobs.expect': [settings({ expect: [{ ...file, eks: {} }] })],
  'jobs.expect.eks': [settings({ expect: [{ eks: { externalId: 'x' } }] })],
  'jobs.to': [
    placed({ secret: configMap.configMap }),
    settings({ to: { scrapeConfig: { namespace: 'm', name: 'a' }, format: 'file_sd' } }),
    settings({ to: { ...file, nudge: { pods: 'app=prometheus' } } }),
    placed({ create: true }),
    placed({ template: 't.yml' }),
    placed({ wait: '15s' }),
    placed({ format: 'thanos_endpoints', prometheus: { url: 'http://a', reload: true } }),
  ],
  'jobs.to.prometheus': [
    served({ url: 'http://a', service }),
    served({ service, caFile: 'ca.pem' }),
    served({
      url: 'http://a',
      bearerToken: { env: 'E' },
      basicAuth: { username: 'u', password: { env: 'E' } },
    }),
  ],
  'jobs.to.prometheus.bearerToken': [served({ url: 'http://a', bearerToken: both })],
  'jobs.to.prometheus.basicAuth.password': [
    served({ url: 'http://a', basicAuth: { username: 'u', password: both } }),
  ],
};

/** Without what is undefined, as YAML has it. */
const plain = (raw: object): unknown => JSON.parse(JSON.stringify(raw));
const isValid = (raw: unknown) => {
  try {
    return Boolean(checkSettings(raw, 'f', '/'));
  } catch {
    return false;
  }
};

/** The validator without one rule. */
function without(path: string, index: number) {
  const rules = RULES[path] ?? [];
  const text = JSON.stringify(settingsSchema());
  const others = rules.map((rule, i) => (i === index ? true : rule));
  const schema = text.replaceAll(
    `"allOf":${JSON.stringify(rules)}`,
    () => `"allOf":${JSON.stringify(others)}`,
  );
  expect(schema).not.toBe(text);
  return new Ajv({ strict: false, formats }).compile(JSON.parse(schema));
}

test('settings without a fault are accepted', () => {
  expect([accepts(plain(settings({}))), isValid(plain(settings({})))]).toEqual([true, true]);
});

test('each rule has its settings', () => {
  const lengths = (lists: Readonly<Record<string, readonly object[]>>) =>
    Object.entries(lists).map(([path, list]) => [path, list.length]);
  expect(lengths(ONLY)).toEqual(lengths(RULES));
});

describe.each(
  Object.entries(ONLY).flatMap(([path, all]) =>
    all.map((raw, i) => [path, i, plain(raw)] as const),
  ),
)('%s, %i', (path, index, raw) => {
  test('is refused by the schema and by our validation, and by no other rule', () => {
    expect([accepts(raw), isValid(raw)]).toEqual([false, false]);
    expect(without(path, index)(raw)).toBe(true);
  });
});
