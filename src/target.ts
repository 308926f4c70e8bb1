/**
 * One scrape target: `address` is what Prometheus calls `__address__` (host, host:port, or a URL where the
 * job allows it), `labels` are the labels of its target group.
 */
export interface Target {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Do both have the same labels, in whatever order? */
export function sameLabels({ labels: one }: Target, { labels: other }: Target): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && one[name] === other[name])
  );
}
