import type { Select } from '../job.ts';
import { hostOf } from '../records/name.ts';
import type { RecordSet } from '../records/record-set.ts';
import { type Matched, matchAll } from './patterns.ts';
import type { Values } from './template.ts';

/** Whether a record set is selected, and if not, by which rule of the `select`. */
export type Decision = {
  readonly record: RecordSet;
  /** Decoded, lower case, no final dot. */
  readonly host: string;
} & (
  | { readonly selected: true; readonly groups: Values }
  | {
      readonly selected: false;
      /** Of the name pattern, if it was tried and matches. */
      readonly groups: Values | undefined;
      readonly rule: 'types' | 'name' | 'exclude' | 'setIdentifier';
      /** The pattern (or the types) that decided. */
      readonly by: string;
    }
);

/**
 * Type first, then name, exclude, set identifier: external-dns writes a TXT record next to every name it owns.
 *
 * @throws Fault `pattern-timeout`
 */
export function select(
  records: readonly RecordSet[],
  rules: Select,
  patternMs?: number,
): Decision[] {
  const types = new Set(rules.types);
  const hosts = records.map(({ name }) => hostOf(name));
  const typed = [...records.keys()].filter((i) => types.has((records[i] as RecordSet).type));
  const matched = matchAll(
    rules,
    typed.map((i) => ({ host: hosts[i] as string, setIdentifier: records[i]?.setIdentifier })),
    patternMs,
  );
  const matches = new Map(typed.map((i, at) => [i, matched[at]]));
  return records.map((record, i): Decision => {
    const host = hosts[i] as string;
    const match = matches.get(i);
    if (match?.groups && match.excluded < 0 && match.identified) {
      return { record, host, selected: true, groups: match.groups };
    }
    const { groups } = match ?? {};
    return { record, host, selected: false, groups, ...ruleAgainst(match, rules) };
  });
}

/** The rules of a `select` as messages give them; the pattern or the types that decided come after it. */
export const RULES = {
  types: 'its type is not one of',
  name: 'its name does not match select.name',
  exclude: 'its name matches select.exclude',
  setIdentifier: 'its set identifier does not match select.setIdentifier',
} as const;

function ruleAgainst(match: Matched | undefined, rules: Select) {
  if (!match) return { rule: 'types', by: rules.types.join(', ') } as const;
  if (!match.groups) return { rule: 'name', by: rules.name } as const;
  if (match.excluded >= 0) {
    return { rule: 'exclude', by: rules.exclude[match.excluded] ?? '' } as const;
  }
  return { rule: 'setIdentifier', by: rules.setIdentifier ?? '' } as const;
}
