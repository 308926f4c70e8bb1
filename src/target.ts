/**
 * One scrape target: `address` is what Prometheus calls `__address__` (host, host:port, or a URL where the
 * job allows it), `labels` are the labels of its target group.
 */
export interface Target {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * What Prometheus 2 accepts as a label name (data model, "Metric names and labels"); 3 accepts any text.
 * that JavaScript objects treat specially is excluded.
 */
export const LABEL_NAME = /^(?!__proto__$)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** `__address__` would replace the target; the others are set by Prometheus. `__scheme__` and the like are settings. */
export const OWN_LABEL = new RegExp(
  `^(?!__(?:address__|name__|meta_))${LABEL_NAME.source.slice(1)}`,
);

/** Whether both have the same labels, in any order. */
export function sameLabels(
  { labels: one }: Pick<Target, 'labels'>,
  { labels: other }: Pick<Target, 'labels'>,
): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && one[name] === other[name])
  );
}

/** What a person should know of a list although it could be written. */
export interface Warning {
  readonly code:
    | 'cluster-id-twice'
    | 'target-twice'
    | 'local-address'
    | 'not-tried'
    | 'not-annotated'
    | 'memory-garbled'
    | 'nudge-failed'
    | 'nudge-nobody'
    | 'subpath-mount'
    | 'not-loaded';
  readonly message: string;
}

/** `clusterID=cluster1 env=prod` */
export function labelsText(labels: Target['labels']): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
