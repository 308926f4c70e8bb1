import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { files } from '../../../infra/dashboards/build.ts';
import { clusters } from '../../../infra/dashboards/clusters.ts';
import { federationSync } from '../../../infra/dashboards/federation-sync.ts';
import { type JobCoverage, RUNGS } from '../../../src/coverage/rungs.ts';
import { logCoverage } from '../../../src/lambda-log.ts';
import { COVERAGE_METRICS, METRICS } from '../../bench/costs.ts';
import { merge, prometheusConfig, valuesOf } from './chart.ts';
import { expressions, panelsOf } from './panels.ts';

const folder = join(import.meta.dirname, '../../../infra/dashboards');

test.each(Object.entries(files()))('%s is what build.ts writes', (name, text) => {
  expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
});

describe.each([
  ['Clusters', clusters()],
  ['Federation sync', federationSync()],
])('%s', (title, dashboard) => {
  test('has that title, and panels with a query each', () => {
    expect(dashboard.title).toBe(title);
    for (const panel of panelsOf(dashboard)) expect(panel.targets, panel.title).not.toHaveLength(0);
  });

  test('has panels that neither overlap nor leave the grid', () => {
    const taken = new Set<string>();
    for (const { gridPos } of panelsOf(dashboard)) {
      expect(gridPos!.x + gridPos!.w).toBeLessThanOrEqual(24);
      for (let x = gridPos!.x; x < gridPos!.x + gridPos!.w; x += 1)
        for (let y = gridPos!.y; y < gridPos!.y + gridPos!.h; y += 1) {
          expect(taken).not.toContain(`${x} ${y}`);
          taken.add(`${x} ${y}`);
        }
    }
  });
});

test.each(expressions(clusters()))('$title: is PromQL', ({ expression }) => {
  expect(promqlFaults(expression)).toEqual([]);
});

test('every match[] of the Helm values is a selector', () => {
  const selectors = [
    valuesOf('federation-file-sd'),
    valuesOf('federation-patched'),
    merge(valuesOf('federation-file-sd'), valuesOf('tree-root')),
  ]
    .flatMap((values) => prometheusConfig(values).scrape_configs)
    .flatMap(({ params }: { params?: Record<string, string[]> }) => params?.['match[]'] ?? []);
  expect(selectors).toHaveLength(4);
  for (const selector of selectors) {
    expect(promqlFaults(selector)).toEqual([]);
    expect(parser.parse(selector).topNode.firstChild!.name).toBe('VectorSelector');
  }
});

/** Where the parser stumbles; it continues after a fault, as an editor's does. */
function promqlFaults(expression: string): string[] {
  const faults: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, from }) => {
      if (type.isError) faults.push(`${expression} at ${from}`);
    },
  });
  return faults;
}

test('every metric of a job is on the dashboard, and no other', () => {
  const shown = panelsOf(federationSync()).flatMap(({ targets = [] }) =>
    (targets as { namespace?: string; metricName?: string }[])
      .filter(({ namespace }) => namespace === 'FederationSync')
      .map(({ metricName }) => metricName),
  );
  expect([...new Set(shown)].sort()).toEqual([...METRICS, ...COVERAGE_METRICS].sort());
});

test('the seconds from an event to the loaded list are shown as one bar of two parts', () => {
  const panel = panelsOf(federationSync()).find(({ title }) => title?.includes('event to loaded'));
  expect(panel).toMatchObject({
    fieldConfig: {
      defaults: { unit: 'ms', custom: { drawStyle: 'bars', stacking: { mode: 'normal' } } },
    },
    targets: [{ metricName: 'EventToWrite' }, { metricName: 'WriteToLoaded' }],
  });
});

test('every metric of the function is selected by function and job, as it is written', () => {
  const queries = panelsOf(federationSync()).flatMap(
    ({ targets = [] }) =>
      targets as { namespace?: string; dimensions?: Record<string, string[]> }[],
  );
  const own = queries.filter(({ namespace }) => namespace === 'FederationSync');
  expect(own.length).toBeGreaterThan(10);
  for (const { dimensions } of own)
    expect(dimensions).toEqual({ function: ['$function'], job: ['$job'] });
  expect(JSON.stringify(federationSync().templating)).toContain(
    JSON.stringify(
      'dimension_values($region, FederationSync, Succeeded, job, {"function": "$function"})',
    ).slice(1, -1),
  );
});

const panel = (title: string) => panelsOf(federationSync()).find((it) => it.title === title)!;

test('the clusters that are lost are stacked by rung, in the order of the rungs', () => {
  const { fieldConfig, targets = [] } = panel('Clusters not monitored');
  expect(fieldConfig?.defaults.custom).toMatchObject({ stacking: { mode: 'normal' } });
  expect(targets).toMatchObject(RUNGS.map((label) => ({ label })));
  const names = RUNGS.map((rung) => `Lost${rung[0]!.toUpperCase()}${rung.slice(1)}`);
  expect(targets).toMatchObject(names.map((metricName) => ({ metricName })));
});

test('the table of lost clusters reads the log of the function, with the names of its fields', () => {
  const { timeFrom, targets } = panel('Which clusters, why, and what to do');
  expect(timeFrom).toBe('10m');
  expect(targets).toMatchObject([
    { queryMode: 'Logs', region: '$region', logGroupNames: ['/aws/lambda/$function'] },
  ]);
  const [{ expression }] = targets as unknown as [{ expression: string }];
  const lines: [message: string, facts: object][] = [];
  const log = (message: string, facts: object) => lines.push([message, facts]);
  const cluster = { cluster: 'a', lost: 'record', reason: 'x', remedy: 'y', since: 'z' } as const;
  const job = { name: 'federate' } as JobCoverage['job'];
  logCoverage({ info: log, warn: log }, [{ job, clusters: [cluster], orphaned: [], faults: [] }]);
  const [[message, facts]] = lines as [[string, object]];
  expect(expression).toContain(`filter message = "${message}"\n`);
  const read = [...expression.matchAll(/latest\((\w+)\)/g)].map(([, field]) => field!);
  const [, by = ''] = /by (\w+, \w+)\n/.exec(expression)!;
  expect([...read, ...by.split(', ')].sort()).toEqual(Object.keys(facts).sort());
});
