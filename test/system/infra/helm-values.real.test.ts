import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeWith } from '../../support/parts/available.ts';
import { type Helm, helmFor } from '../../support/parts/helm.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { merge, shardValues, type Values, valuesOf } from './chart.ts';

/*
 * The command in the comment of each values file, run with a chart that prints its values: Helm accepts its flags, and
 * merges the files as chart.ts does for the tests that run servers with these values.
 */

const infra = join(import.meta.dirname, '../../../infra');
const rules = (name: string) => readFileSync(join(infra, 'prometheus', `${name}.yml`), 'utf8');
const alerts = { ruleFiles: { 'federation.yml': rules('alerts') } };
const fileSd = valuesOf('federation-file-sd');

const expected: Record<string, Values> = {
  'federation-file-sd': merge(fileSd, alerts),
  'federation-patched': merge(valuesOf('federation-patched'), alerts),
  leaf: merge(valuesOf('leaf'), { ruleFiles: { 'leaf.yml': rules('leaf-rules') } }),
  'tree-shard': merge(shardValues(0), alerts),
  'tree-root': merge(fileSd, valuesOf('tree-root')),
};

/** The flags of the file's `helm upgrade --install prometheus CHART`. */
function flagsOf(name: string): string[] {
  const text = readFileSync(join(infra, 'helm', `${name}.yaml`), 'utf8').replace(/\\\n#/g, '');
  const command = 'helm upgrade --install prometheus prometheus-community/prometheus ';
  const [, flags = ''] = text.split(command)[1]?.match(/^(.*)\n/) ?? [];
  return (flags.match(/'[^']*'|\S+/g) ?? []).map((flag) => flag.replace(/^'|'$/g, ''));
}

describeWith('helm', 'the command of a values file', () => {
  const chart = temporaryFolder('chart');
  let helm: Helm;

  beforeAll(() => {
    helm = helmFor();
    mkdirSync(join(chart, 'templates'));
    writeFileSync(
      join(chart, 'Chart.yaml'),
      '{ apiVersion: v2, name: prometheus, version: 29.31.0 }',
    );
    writeFileSync(join(chart, 'templates', 'values.yaml'), '{{ toYaml .Values }}');
  });
  afterAll(() => {
    helm?.remove();
    removeFolder(chart);
  });

  describe.each(['3', '4'] as const)('with Helm %s', (major) => {
    test.each(Object.entries(expected))('gives the values of %s', async (name, values) => {
      const { stdout, stderr } = await helm.run(
        ...([major, 'template', 'prometheus', chart] as const),
        ...flagsOf(name),
      );
      expect(stderr).toBe('');
      expect(parse(stdout)).toEqual(values);
    });
  });
});
