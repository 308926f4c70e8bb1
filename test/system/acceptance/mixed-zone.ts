import type { ResourceRecordSet } from '@aws-sdk/client-route-53';

/** A zone's record sets, SOA and NS left out, and what a job with PATTERN wants of them. */
export interface MixedZone {
  readonly records: readonly ResourceRecordSet[];
  /** Labels of the names to select, sorted. */
  readonly labels: readonly string[];
  /** The number of record sets to select, including wildcards. */
  readonly selected: number;
}

export const PATTERN = '^(?<clusterID>[^.]+)\\.prometheus\\.internal$';

const padded = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(3, '0')}`);
const named = (label: string) => `${label}.prometheus.internal.`;

function plain(Name: string, Type: 'A' | 'AAAA' | 'CNAME' | 'TXT'): ResourceRecordSet {
  const Value = { A: '10.0.0.1', AAAA: 'fd00::1', CNAME: 'lb.example.com', TXT: '"owner=x"' }[Type];
  return { Name, Type, TTL: 60, ResourceRecords: [{ Value }] };
}

const alias = (Name: string): ResourceRecordSet => ({
  Name,
  Type: 'A',
  AliasTarget: {
    HostedZoneId: 'Z32O12XQLNTSW2',
    DNSName: 'internal-prometheus-1.eu-west-1.elb.amazonaws.com.',
    EvaluateTargetHealth: false,
  },
});

const pairOf = (Name: string): ResourceRecordSet[] =>
  ['blue', 'green'].map((SetIdentifier) => ({ ...plain(Name, 'A'), SetIdentifier, Weight: 1 }));

/**
 * 1,205 record sets with SOA and NS:
 *
 *     300 CNAME   150 A, 100 of them with AAAA   100 alias   120 weighted pairs   151 TXT   150 siblings
 *     1 at the suffix itself   11 wildcards
 *
 * By the suffix, the third page of 300 ends inside a pair, in Route 53's order as in moto's.
 */
export function mixedZone(): MixedZone {
  const [cnames, addresses, aliases, pairs] = [
    padded('c', 300),
    padded('a', 150),
    padded('l', 100),
    padded('w', 120),
  ];
  const siblings = padded('s', 49).flatMap((label) => [
    plain(`${label}.prometheus-2.internal.`, 'A'),
    plain(`${label}.prometheus0.internal.`, 'A'),
    plain(`${label}.internal.`, 'A'),
  ]);
  const records = [
    ...cnames.map((label) => plain(named(label), 'CNAME')),
    ...addresses.map((label) => plain(named(label), 'A')),
    ...addresses.slice(0, 100).map((label) => plain(named(label), 'AAAA')),
    ...aliases.map((label) => alias(named(label))),
    ...pairs.flatMap((label) => pairOf(named(label))),
    ...cnames.slice(0, 151).map((label) => plain(named(`cname-${label}`), 'TXT')),
    ...siblings,
    plain('prometheus-2.internal.', 'A'),
    plain('prometheusx.internal.', 'A'),
    plain('aprometheus.internal.', 'A'),
    plain('prometheus.internal.', 'A'),
    plain('*.prometheus.internal.', 'A'),
    ...padded('d', 10).map((label) => plain(`*.${label}.prometheus.internal.`, 'CNAME')),
  ];
  const labels = [...cnames, ...addresses, ...aliases, ...pairs].sort();
  return { records, labels, selected: 300 + 150 + 100 + 100 + 240 + 1 };
}

/** A federation server's configuration with much around the list. */
export const PROMETHEUS_YML = `# Managed by Helm, except for one list.
global: { scrape_interval: 15s, evaluation_interval: 30s }   # both must stay
rule_files:
  - /etc/config/rules

alerting:
  alertmanagers:
    - static_configs: [{targets: [ "alertmanager:9093" ]}]

scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: [localhost:9090]

  - job_name: 'federate'
    scrape_interval: 15s
    honor_labels: true
    metrics_path: '/federate'
    params:
      'match[]':
        - '{job="prometheus"}'
        - '{__name__=~"job:.*"}'
    static_configs:
      - targets:
        - 'prometheus-server:80'
        labels: {clusterID: central}
  # after the list
  - job_name: node
    relabel_configs: &same
      - { source_labels: [__address__], target_label: instance }
    static_configs: [ { targets: [ 'node:9100' ] } ]
`;
