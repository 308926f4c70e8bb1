import type { From } from '../../job.ts';
import { hostOf, textOf } from '../../records/name.ts';
import type { RecordSet } from '../../records/record-set.ts';
import type { Target } from '../../target.ts';
import { hostOfAddress, type Unusable } from '../../targets/address.ts';
import { type Decision, select } from '../../targets/select.ts';
import { localText, targetOf } from '../../targets/targets.ts';

/** What a `from` derives from one record set, and by which of its rules. */
export type RecordExplanation = {
  /** As Route 53 writes it. */
  readonly record: string;
  /** The same as its owner writes it, if Route 53 writes some of it in octal. */
  readonly text?: string;
  readonly type: string;
  readonly setIdentifier?: string;
} & (
  | {
      readonly verdict: 'not-selected';
      readonly rule: 'types' | 'name' | 'exclude' | 'setIdentifier';
      /** The pattern (or the types) that decided. */
      readonly by: string;
    }
  | ({ readonly verdict: 'skipped' } & Unusable)
  | { readonly verdict: 'target'; readonly target: Target; readonly warning?: string }
);

/**
 * The host of a record's name, with or without its final dot, in any case, in octal or not, or of a target's address.
 *
 *     Prometheus1.Example.com.:9090                        ->  prometheus1.example.com
 *     münchen.internal, m\303\274nchen.internal.     ->  münchen.internal
 */
export function plainHost(text: string): string {
  return textOf(hostOf(hostOfAddress(text))).toLowerCase();
}

/**
 * The explanations of all record sets that concern the host (`plainHost`): those with that name, of every type, and those whose
 * target has that host (`{label}.elsewhere.example.com` differs from its record's name).
 *
 * @throws Fault `pattern-timeout`
 */
export function explainRecords(
  from: From,
  records: readonly RecordSet[],
  asked: string,
): RecordExplanation[] {
  return select(records, from.select)
    .map((decision) => ({ decision, made: make(from, decision) }))
    .filter(
      ({ decision, made }) =>
        plainHost(decision.record.name) === asked ||
        (made && 'address' in made && isAt(made, asked)),
    )
    .map(({ decision, made }) => explanation(decision, made));
}

export function isAt({ address }: Target, host: string): boolean {
  return plainHost(address) === host;
}

/** The wildcard record that answers for a name which has no record set of its own (RFC 4592). */
export function wildcardFor(records: readonly RecordSet[], asked: string): string | undefined {
  const names = new Map(records.map(({ name }) => [plainHost(name), name]));
  if (names.has(asked)) return undefined;
  const labels = asked.split('.');
  for (let i = 1; i < labels.length; i++) {
    const above = labels.slice(i).join('.');
    const wildcard = names.get(`*.${above}`);
    // The closest name that exists hides the wildcards above it.
    if (wildcard !== undefined || names.has(above)) return wildcard;
  }
  return undefined;
}

function make(from: From, decision: Decision): Target | Unusable | undefined {
  return decision.selected ? targetOf(from, decision.host, decision.groups) : undefined;
}

function explanation(decision: Decision, made: Target | Unusable | undefined): RecordExplanation {
  const { name, type, setIdentifier } = decision.record;
  const text = textOf(decision.host);
  const record = {
    record: name,
    ...(name.includes('\\') && text !== hostOfAddress(name) && { text }),
    type,
    ...(setIdentifier !== undefined && { setIdentifier }),
  };
  if (!decision.selected) {
    return { ...record, verdict: 'not-selected', rule: decision.rule, by: decision.by };
  }
  if (made && 'address' in made) {
    const warning = localText(decision.record);
    return { ...record, verdict: 'target', target: made, ...(warning && { warning }) };
  }
  return { ...record, verdict: 'skipped', ...(made as Unusable) };
}
