import type { PrometheusMajor } from '../../support/parts/found.ts';
import { freeAddress } from '../../support/parts/process.ts';
import { startPrometheus } from '../../support/parts/prometheus.ts';

/** One cluster of the fleet, as far as the federation server sees it: its own Prometheus. */
export interface Leaf {
  /** As Route 53 writes it, with the final dot. */
  readonly name: string;
  /** The label that the federation server must give it. */
  readonly clusterID: string;
  /** What makes its data its own: the value of `job:nodes:count`. */
  readonly nodes: number;
  /** Where its name leads. Prometheus takes port 80 where a target names none, so it listens there. */
  readonly host: string;
  stop(): Promise<void>;
}

/** The n-th cluster, with 11 nodes for each n. */
export async function startLeaf(n: number, version: PrometheusMajor): Promise<Leaf> {
  const nodes = 11 * n;
  const host = await freeAddress(80);
  const files = { 'rules.yml': rules(nodes) };
  const server = await startPrometheus({ version, host, port: 80, config: config(host), files });
  return {
    name: `prometheus${n}.example.com.`,
    clusterID: `cluster${n}`,
    nodes,
    host,
    stop: () => server.stop(),
  };
}

/** It scrapes itself, and keeps little of that: several federation servers ask it every second. */
const config = (host: string) => `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: prometheus
    static_configs: [{ targets: ['${host}:80'] }]
    metric_relabel_configs:
      - { source_labels: [__name__], regex: up|prometheus_build_info, action: keep }
`;

const rules = (nodes: number) => `
groups:
  - name: cluster
    rules: [{ record: 'job:nodes:count', expr: vector(${nodes}) }]
`;
