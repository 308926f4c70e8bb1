import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { type AnyPanel, stat, stateTimeline, timeSeries, withRows } from './layout.ts';

const prometheus = { type: 'prometheus', uid: '$datasource' };
const scraped = '{job="federate", clusterID=~"$clusterID"}';
const recorded = '{clusterID=~"$clusterID"}';

function query<Panel extends AnyPanel>(panel: Panel, expression: string, legend = '{{clusterID}}') {
  const target = new DataqueryBuilder()
    .expr(expression)
    .legendFormat(legend)
    .datasource(prometheus);
  return panel.datasource(prometheus).withTarget(target) as Panel;
}

/** "Clusters": what the federation server scrapes from each cluster. The series are defined in leaf-rules.yml. */
export const clusters = () =>
  withRows(
    new DashboardBuilder('Clusters')
      .uid('federation-clusters')
      .tags(['federation-sync'])
      .refresh('30s')
      .time({ from: 'now-6h', to: 'now' })
      .withVariable(
        new DatasourceVariableBuilder('datasource').label('Federation server').type('prometheus'),
      )
      .withVariable(
        new QueryVariableBuilder('clusterID')
          .label('clusterID')
          .datasource(prometheus)
          .query('label_values(up{job="federate"}, clusterID)')
          .refresh(VariableRefresh.OnTimeRangeChanged)
          .sort(VariableSort.NaturalAsc)
          .multi(true)
          .includeAll(true)
          .allValue('.+'),
      ),
    [
      {
        height: 4,
        panels: [
          query(
            stat('Clusters', 'Clusters in the list'),
            `count(count by (clusterID) (up${scraped}))`,
            '',
          ),
          query(
            stat('Down', 'Clusters in the list that cannot be scraped'),
            `count(max by (clusterID) (up${scraped}) == 0) or vector(0)`,
            '',
          ),
          query(
            stat('Gone', 'Clusters that were in the list an hour ago but no longer are'),
            `count(count by (clusterID) (up${scraped} offset 1h) unless count by (clusterID) (up${scraped})) or vector(0)`,
            '',
          ),
          query(
            stat('Slowest scrape', 'Longest scrape of any cluster; the timeout is 10 s').unit('s'),
            `max(scrape_duration_seconds${scraped})`,
            '',
          ),
          query(
            stat(
              'Longest lag',
              'Age of the newest sample of the cluster with the longest lag',
            ).unit('s'),
            `max(time() - timestamp(job:up:sum${recorded}))`,
            '',
          ),
          query(
            stat('Samples per scrape', 'Sum over all clusters').unit('short'),
            `sum(scrape_samples_scraped${scraped})`,
            '',
          ),
        ],
      },
      {
        height: 8,
        panels: [
          query(
            stateTimeline('Up', '1: the last scrape succeeded, 0: it failed'),
            `max by (clusterID) (up${scraped})`,
          ),
          query(
            timeSeries('Federation lag', 'Age of the newest sample').unit('s'),
            `max by (clusterID) (time() - timestamp(job:up:sum${recorded}))`,
          ),
        ],
      },
      {
        height: 8,
        panels: [
          query(
            timeSeries(
              'Scrape duration',
              'If close to the timeout, narrow match[] or add shards',
            ).unit('s'),
            `max by (clusterID) (scrape_duration_seconds${scraped})`,
          ),
          query(
            timeSeries('Samples', 'Samples per scrape').unit('short'),
            `sum by (clusterID) (scrape_samples_scraped${scraped})`,
          ),
        ],
      },
      {
        height: 8,
        panels: [
          query(
            timeSeries(
              'Targets down in the cluster',
              "Targets that the cluster's own Prometheus cannot scrape",
            ),
            `sum by (clusterID) (job:up:count${recorded} - job:up:sum${recorded})`,
          ),
          query(
            timeSeries('CPU used', 'Average over all nodes (node-exporter)')
              .unit('percentunit')
              .max(1),
            `max by (clusterID) (job:node_cpu_used:ratio${recorded})`,
          ),
          query(
            timeSeries('Memory used', 'Share of the memory of all nodes (node-exporter)')
              .unit('percentunit')
              .max(1),
            `max by (clusterID) (job:node_memory_used:ratio${recorded})`,
          ),
          query(
            timeSeries('Pods', 'Number of pods (kube-state-metrics)').unit('short'),
            `max by (clusterID) (job:kube_pod_info:count${recorded})`,
          ),
        ],
      },
    ],
  ).build();
