import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/**
 * What the chart prometheus-community/prometheus 29.31.0 renders from values: its templates/cm.yaml, as far as
 * prometheus.yml goes. The chart is not available where these tests run, so this is a copy of
 * its rules, not of its text: scrapeConfigs is a map whose entries can be switched off, global and
 * rule_files are taken over as they are.
 */

// biome-ignore lint/suspicious/noExplicitAny: values are free.
export type Values = any;

const infra = join(import.meta.dirname, '../../../infra');

/** The chart's own scrape configs; all but the first find their targets through the Kubernetes API. */
const defaults = {
  prometheus: { static_configs: [{ targets: ['localhost:9090'] }] },
  ...Object.fromEntries(
    [
      'kubernetes-api-servers',
      'kubernetes-nodes',
      'kubernetes-nodes-cadvisor',
      'kubernetes-service-endpoints',
      'kubernetes-service-endpoints-slow',
      'prometheus-pushgateway',
      'kubernetes-services',
      'kubernetes-pods',
      'kubernetes-pods-slow',
    ].map((name) => [name, { kubernetes_sd_configs: [{ role: 'pod' }] }]),
  ),
};

export const valuesOf = (name: string): Values =>
  parse(readFileSync(join(infra, 'helm', `${name}.yaml`), 'utf8'));

/** Helm's merge: maps by key, everything else (lists too) as a whole, the later one wins. */
export function merge(below: Values, ...above: Values[]): Values {
  const [next, ...rest] = above;
  if (next === undefined) return below;
  return merge(isMap(below) && isMap(next) ? mergeMaps(below, next) : next, ...rest);
}

const mergeMaps = (below: Values, above: Values): Values => ({
  ...below,
  ...Object.fromEntries(
    Object.entries(above).map(([key, value]) => [
      key,
      key in below ? merge(below[key], value) : value,
    ]),
  ),
});

/** A shard of the tree: the values files and the two --set-string of tree-shard.yaml's command. */
export function shardValues(index: number): Values {
  const values = merge(valuesOf('federation-file-sd'), valuesOf('tree-shard'));
  values.server.global.external_labels.shard = String(index);
  values.scrapeConfigs.federate.relabel_configs[1].regex = String(index);
  return values;
}

const isMap = (value: Values) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** prometheus.yml, as an object. */
export function prometheusConfig(values: Values): Values {
  const scrapeConfigs: Values = merge(defaults, values.scrapeConfigs ?? {});
  return {
    global: values.server?.global ?? {},
    ...values.serverFiles?.['prometheus.yml'],
    scrape_configs: Object.keys(scrapeConfigs)
      .sort()
      .filter((key) => scrapeConfigs[key] && scrapeConfigs[key].enabled !== false)
      .map((key) => {
        const { enabled: _, job_name, ...rest } = scrapeConfigs[key];
        return { job_name: job_name || key, ...rest };
      }),
  };
}

/** The flags that the chart's deploy.yaml derives from server.extraArgs. */
export const extraFlags = (values: Values): string[] =>
  Object.entries<string>(values.server.extraArgs ?? {}).map(([name, value]) =>
    value ? `--${name}=${value}` : `--${name}`,
  );

export const asText = (config: Values): string => stringify(config, { lineWidth: 0 });
