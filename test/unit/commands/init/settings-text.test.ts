import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settingsText } from '../../../../src/commands/init/settings-text.ts';
import type { Suggestion } from '../../../../src/commands/init/suggest.ts';
import type { From } from '../../../../src/job.ts';
import { parseSettings } from '../../../../src/settings/parse.ts';

const from = (parts: Partial<From> & { name?: string; exclude?: string[] } = {}): From => ({
  source: parts.source ?? { zone: 'Z1' },
  select: {
    types: ['A', 'AAAA', 'CNAME'],
    name: parts.name ?? String.raw`^(?<clusterID>[^.]+)\.prometheus\.internal$`,
    exclude: parts.exclude ?? [],
    setIdentifier: undefined,
  },
  target: parts.target ?? '{name}',
  labels: parts.labels ?? { clusterID: '{clusterID}' },
});

const location = {
  kind: 'configMap',
  namespace: 'monitoring',
  name: 'prometheus-server',
  key: 'prometheus.yml',
} as const;

function written(
  suggestion: Partial<Suggestion>,
  more: Partial<Parameters<typeof settingsText>[0]> = {},
  name = 'federate',
) {
  return settingsText({
    schema: 'schema.json',
    about: ['The live list.'],
    cluster: undefined,
    jobs: [
      {
        name,
        format: 'static_configs',
        location,
        suggestion: {
          from: [from()],
          also: [],
          lost: [],
          notes: [],
          selectsNone: false,
          ...suggestion,
        },
        sourceName: () => 'prometheus.internal',
      },
    ],
    ...more,
  });
}

test('one source is written as the pages write it', () => {
  const text = written(
    {
      from: [from({ exclude: ['^test$'] })],
      also: [{ address: 'prometheus-server:80', labels: { clusterID: 'central' } }],
    },
    { cluster: { eks: { name: 'central', region: 'eu-west-1' } } },
  );
  expect(text).toMatchInlineSnapshot(`
    "# yaml-language-server: $schema=schema.json
    # The live list.
    cluster:
      eks: { name: central, region: eu-west-1 }

    jobs:
      - job: federate
        from:
          - zone: Z1 # prometheus.internal
        select:
          name: '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'
          # These match, but are not in the current list. Remove one here to have it scraped.
          exclude:
            - '^test$'
        target: '{name}'
        labels:
          clusterID: '{clusterID}'
        # In the list without a matching record, or with other labels than its record would have.
        also:
          - targets: ['prometheus-server:80']
            labels: { clusterID: central }
        to:
          configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml }
    "
  `);
});

test('several sources each have their own select', () => {
  const several = [from(), from({ source: { zone: 'Z2', public: true }, target: '{host}:9090' })];
  const { jobs } = parseSettings(written({ from: several }), 'x.yml', '/');
  expect(jobs[0]?.from).toEqual(several);
});

test('notes, and what is lost, are comments', () => {
  const text = written({
    notes: ['a note'],
    lost: [{ target: { address: 'a\nb: c', labels: {} }, why: 'it is not valid' }],
  });
  expect(text).toContain('    # a note\n');
  expect(text).toContain(`    # The first sync changes "a\\nb: c": it is not valid.\n`);
});

test.each([
  [{ inCluster: true }, { inCluster: true }],
  [{ kubeconfig: { context: 'c' } }, { kubeconfig: { context: 'c' } }],
  [undefined, undefined],
] as const)('the cluster %j is read back', (cluster, read) => {
  expect(parseSettings(written({}, { cluster }), 'x.yml', '/').cluster).toEqual(read);
});

test('any text in it is read back unchanged', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const label = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/);
  const plain = text.filter((one) => !/[{}]/.test(one));
  fc.assert(
    fc.property(
      fc.dictionary(label, plain, { maxKeys: 3, noNullPrototype: true }),
      fc.array(
        plain.map((one) => `^${RegExp.escape(one)}$`),
        { maxLength: 3 },
      ),
      plain,
      (labels, exclude, job) => {
        const suggestion = {
          from: [from({ labels, exclude })],
          also: [{ address: 'host:80', labels }],
        };
        const settings = parseSettings(written(suggestion, {}, job), 'x.yml', '/');
        expect(settings.jobs[0]).toMatchObject({ job, ...suggestion });
      },
    ),
    { numRuns: 300 },
  );
});
