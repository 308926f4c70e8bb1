import { CLUSTER_LABEL, type From, type Job } from '../job.ts';
import type { RecordSet } from '../records/record-set.ts';
import { type Decision, RULES, select } from '../targets/select.ts';
import { targetOf, valuesOf } from '../targets/targets.ts';
import { fill } from '../targets/template.ts';

/** A record set that gives a cluster's id, and how far it gets. */
export interface Candidate {
  /** As the zone has it. */
  readonly record: string;
  readonly host: string;
  readonly type: string;
  /** Its target; undefined: a rule leaves it out. */
  readonly address: string | undefined;
  /** Which rule that is; the more of them a record set passes, the larger is `passed`. */
  readonly left: string | undefined;
  readonly passed: number;
}

/**
 * The record sets that give an id, by id. One whose name the pattern does not match gives the id that is one of its
 * labels, if a cluster with that id is expected:
 *
 *     ^(?<clusterID>[^.]+)\.prometheus\.internal$, expected eu-1, eu-2
 *     eu-1.prometheus.internal CNAME          eu-1, a target
 *     eu-1.prometheus.internal TXT            eu-1, left out: types
 *     prom.eu-2.example.com A                 eu-2, left out: name
 *
 * @param listings the record sets of each `from`, in that order
 * @throws Fault `pattern-timeout`
 */
export function candidatesOf(
  job: Pick<Job, 'from'>,
  listings: readonly (readonly RecordSet[])[],
  expected: ReadonlySet<string>,
): Map<string, Candidate[]> {
  const found = new Map<string, Candidate[]>();
  for (const [i, from] of job.from.entries()) {
    const records = listings[i] ?? [];
    // All types, so that a record set of another type gives its id as well.
    const types = [...new Set(records.map(({ type }) => type))];
    for (const decision of select(records, { ...from.select, types })) {
      const { record, host } = decision;
      const { ids, ...rest } = candidate(from, decision, expected);
      for (const id of ids) {
        const others = found.get(id) ?? [];
        others.push({ record: record.name, host, type: record.type, ...rest });
        found.set(id, others);
      }
    }
  }
  for (const same of found.values()) same.sort((a, b) => b.passed - a.passed);
  return found;
}

type Result = Pick<Candidate, 'address' | 'left' | 'passed'> & { readonly ids: readonly string[] };

function candidate(from: From, decision: Decision, expected: ReadonlySet<string>): Result {
  const { record, host, groups } = decision;
  const { types, name } = from.select;
  const isTyped = types.includes(record.type);
  const byLabels = () => host.split('.').filter((label) => expected.has(label));
  const out = (ids: readonly string[], passed: number, left: string): Result => ({
    ids,
    passed,
    left,
    address: undefined,
  });
  // external-dns writes a TXT record set next to each of its names.
  if (!groups) return out(isTyped ? byLabels() : [], 0, `${RULES.name} ${name}`);
  const label = fill(from.labels[CLUSTER_LABEL] ?? '', valuesOf(from, host), groups);
  const ids = 'text' in label && label.text !== '' ? [label.text] : byLabels();
  if (!isTyped) return out(ids, 1, `${RULES.types} ${types.join(', ')}`);
  if (!decision.selected) {
    const { rule, by } = decision;
    return out(ids, rule === 'exclude' ? 2 : 3, `${RULES[rule]} ${by}`);
  }
  const target = targetOf(from, host, groups);
  if ('code' in target) return out(ids, 4, `${target.code}, ${target.reason}`);
  return { ids, passed: 5, left: undefined, address: target.address };
}
