/**
 * One scrape target: `address` is what Prometheus calls `__address__` (host, host:port, or a URL where the
 * job allows it), `labels` are the labels of its target group.
 */
export interface Target {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * What Prometheus 2 accepts as a label name (data model, "Metric names and labels"); 3 accepts any text. A name
 * that JavaScript objects treat as their own is left out.
 */
export const LABEL_NAME = /^(?!__proto__$)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Do both have the same labels, in whatever order? */
export function sameLabels({ labels: one }: Target, { labels: other }: Target): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && one[name] === other[name])
  );
}
