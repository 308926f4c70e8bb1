import { orderKey } from './name.ts';

/**
 * The labels that every name a pattern matches must end in, or undefined where the pattern does not show it.
 * Only a pattern without alternation whose tail is literal labels does:
 *
 *     ^(?<clusterID>[^.]+)\.prometheus\.internal$   ->  prometheus.internal
 *     \.prometheus\.internal\.?$                    ->  prometheus.internal
 *     prometheus\.internal$                         ->  internal        (`xprometheus.internal` matches, too)
 *     prometheus\.internal                          ->  undefined       (not anchored)
 */
export function suffixOf(pattern: string): string | undefined {
  if (pattern.includes('|')) return undefined;
  const tail = /((?:\\\.[a-z0-9_-]+)+)(?:\\\.\??)?\$$/.exec(pattern);
  if (!tail?.[1]) return undefined;
  const before = pattern.slice(0, tail.index);
  // An odd run of backslashes before the tail escapes the tail's own backslash: `\\.x` is a backslash, any character, x.
  if ((/\\*$/.exec(before)?.[0].length ?? 0) % 2 === 1) return undefined;
  return tail[1].slice(2).split('\\.').join('.');
}

/** The longest suffix that all of these share; undefined if one of them has none. */
export function commonSuffix(suffixes: readonly (string | undefined)[]): string | undefined {
  const [first, ...rest] = suffixes.map((suffix) => suffix?.split('.').reverse());
  if (!first) return undefined;
  let common = first;
  for (const labels of rest) {
    if (!labels) return undefined;
    const end = common.findIndex((label, i) => label !== labels[i]);
    if (end >= 0) common = common.slice(0, end);
  }
  return common.length > 0 ? common.toReversed().join('.') : undefined;
}

/**
 * Where a name sorts relative to the range of a suffix in Route 53's order. With the final dot in the key the names
 * of one suffix are contiguous, whatever other names (`prometheus-2.internal`) sort near them. Only a plain name can
 * be after it: where Route 53 sorts one with escapes (`a\056b`, between `a` and `x.a`) is not documented.
 */
export function rangeOf(suffix: string): (host: string) => 'before' | 'in' | 'after' {
  const prefix = orderKey(suffix);
  return (host) => {
    const key = orderKey(host);
    if (key.startsWith(prefix)) return 'in';
    return key < prefix || !/^[a-z0-9._-]*$/.test(host) ? 'before' : 'after';
  };
}
