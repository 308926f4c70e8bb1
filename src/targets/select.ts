import { hostOf } from '../records/name.ts';
import type { RecordSet } from '../records/record-set.ts';
import type { Select } from '../settings/settings.ts';
import { matchAll } from './patterns.ts';

/** Whether a record set is meant, and if not, by which rule of the `select`. */
export type Decision = {
  readonly record: RecordSet;
  /** Decoded, lower case, no final dot. */
  readonly host: string;
} & (
  | { readonly selected: true; readonly groups: Readonly<Record<string, string>> }
  | {
      readonly selected: false;
      readonly rule: 'types' | 'name' | 'exclude' | 'setIdentifier';
      /** The pattern (or the types) that decided. */
      readonly by: string;
    }
);

/**
 * Type first, then name, exclude, set identifier: external-dns writes TXT records beside every name it owns.
 *
 * @throws Fault `pattern-timeout`
 */
export function select(records: readonly RecordSet[], rules: Select): Decision[] {
  const types = new Set(rules.types);
  const rows = records.map((record) => ({ record, host: hostOf(record.name) }));
  const typed = rows.filter(({ record }) => types.has(record.type));
  const matched = matchAll(
    rules,
    typed.map(({ record, host }) => ({ host, setIdentifier: record.setIdentifier })),
  );
  const byRow = new Map(typed.map((row, i) => [row, matched[i]]));
  return rows.map((row): Decision => {
    const match = byRow.get(row);
    const no = (rule: 'types' | 'name' | 'exclude' | 'setIdentifier', by: string): Decision => ({
      ...row,
      selected: false,
      rule,
      by,
    });
    if (!match) return no('types', rules.types.join(', '));
    if (!match.groups) return no('name', rules.name);
    if (match.excluded >= 0) return no('exclude', rules.exclude[match.excluded] ?? '');
    if (!match.identified) return no('setIdentifier', rules.setIdentifier ?? '');
    return { ...row, selected: true, groups: match.groups };
  });
}
