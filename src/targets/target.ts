/**
 * One scrape target: `address` is what Prometheus calls `__address__` (host, host:port, or a URL where the
 * job allows it), `labels` are the labels of its target group.
 */
export interface Target {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}
