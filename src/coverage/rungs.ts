import type { Fault, FaultCode } from '../fault.ts';
import { CLUSTER_LABEL, type Job } from '../job.ts';
import { hostOf } from '../records/name.ts';
import type { RecordSet } from '../records/record-set.ts';
import { hostOfAddress } from '../targets/address.ts';
import { compare } from '../targets/targets.ts';
import type { Verdict } from '../verify/verdict.ts';
import { count } from '../wording.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import type { Expected, ExpectedList } from './expected.ts';
import {
  type Advice,
  listAdvice,
  loadedAdvice,
  recordAdvice,
  scrapedAdvice,
  selectedAdvice,
} from './remedy.ts';

/** What a cluster needs to be monitored, in this order; a cluster is lost at the first that it lacks. */
export const RUNGS = ['record', 'selected', 'list', 'loaded', 'scraped'] as const;
export type Rung = (typeof RUNGS)[number];

/** An expected cluster. */
export interface CoveredCluster {
  /** Its id. */
  readonly cluster: string;
  /** null: it is monitored, as far as that is known. */
  readonly lost: Rung | null;
  readonly reason: string | null;
  readonly remedy: string | null;
  /** ISO 8601; null where it is not known. */
  readonly since: string | null;
}

/** A target of a cluster that is not expected. */
export interface Orphan {
  readonly target: string;
  readonly cluster: string;
}

export interface JobCoverage {
  readonly job: Job;
  /** Those that lack something first, by rung; then by id. */
  readonly clusters: readonly CoveredCluster[];
  readonly orphaned: readonly Orphan[];
  /** What could not be found out. */
  readonly faults: readonly Fault[];
}

/** What is known of a job: its clusters, its record sets, and its lists with their servers. */
export interface Findings {
  readonly expected: ExpectedList;
  /** Of each `from`, in that order. */
  readonly listings: readonly (readonly RecordSet[])[];
  /** Of each place. */
  readonly verdicts: readonly Verdict[];
}

/**
 * At which rung each expected cluster is lost, and which targets belong to none.
 *
 * A cluster with several targets is as far as the furthest of them; with several places, as far as in the worst.
 * Where a source of clusters is missing, no target is called orphaned.
 *
 * @throws Fault `pattern-timeout`
 */
export function coverageOf(job: Job, { expected, listings, verdicts }: Findings): JobCoverage {
  const ids = new Set(expected.all.map(({ id }) => id));
  const candidates = candidatesOf(job, listings, ids);
  const ladder = { job, candidates, verdicts };
  const clusters = expected.all.map((one) => rowOf(one, ladder)).sort(byRung);
  const unknown = verdicts.flatMap(({ fault }) => (fault && !hasNoList(fault) ? [fault] : []));
  const orphaned = expected.faults.length > 0 ? [] : orphansOf(ladder, ids);
  return { job, clusters, orphaned, faults: [...new Set([...expected.faults, ...unknown])] };
}

interface Ladder {
  readonly job: Job;
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>;
  readonly verdicts: readonly Verdict[];
}

/** A rung that is lacking; without one, nothing is, or `reason` is why that is not known. */
interface Finding extends Partial<Advice> {
  readonly lost: Rung | null;
}

function rowOf(expected: Expected, ladder: Ladder): CoveredCluster {
  const { lost, reason = null, remedy = null, since = null } = firstLacking(expected, ladder);
  return { cluster: expected.id, lost, reason, remedy, since };
}

function firstLacking({ id, clusters }: Expected, { job, candidates, verdicts }: Ladder): Finding {
  const own = candidates.get(id) ?? [];
  const also = job.also.filter(({ labels }) => labels[CLUSTER_LABEL] === id);
  const made = own.flatMap(({ address }) => address ?? []);
  const addresses = new Set([...made, ...also.map(({ address }) => address)]);
  if (addresses.size === 0) {
    const [nearest] = own;
    if (nearest) return { lost: 'selected', ...selectedAdvice(nearest) };
    return { lost: 'record', ...recordAdvice(job, id, candidates, verdicts) };
  }
  if (addresses.size < clusters.length) {
    const gives = `${count(clusters.length, 'cluster')} have this id (${clusters.join(', ')}), and ${count(addresses.size, 'target')} has it`;
    const remedy =
      'Give each an id of its own: let the groups clusterID of expect.eks.name and select.name match more of the name.';
    return { lost: 'record', reason: gives, remedy };
  }
  const places = verdicts.map((verdict) => lackingIn(verdict, addresses, own));
  return places.sort((a, b) => rank(a) - rank(b))[0] ?? { lost: null };
}

function lackingIn(
  verdict: Verdict,
  addresses: ReadonlySet<string>,
  own: readonly Candidate[],
): Finding {
  const { fault, targets, skipped } = verdict;
  if (fault && hasNoList(fault)) return { lost: 'list', ...listAdvice(verdict) };
  if (fault && targets.length === 0) {
    return { lost: null, reason: `unknown: ${fault.code}: ${fault.message}` };
  }
  const stands = targets.filter(
    ({ address, state }) => addresses.has(address) && state !== 'unwanted',
  );
  const found = stands
    .map((stand): Finding => {
      switch (stand.state) {
        case 'not-synced':
          return { lost: 'list', ...listAdvice(verdict, stand) };
        case 'not-loaded':
          return { lost: 'loaded', ...loadedAdvice(verdict, stand) };
        case 'dropped':
        case 'waiting':
        case 'down':
          return { lost: 'scraped', ...scrapedAdvice(verdict, stand) };
        default:
          return {
            lost: null,
            ...(fault && { reason: `in the list; else unknown: ${fault.code}` }),
          };
      }
    })
    .sort((a, b) => rank(b) - rank(a))[0];
  if (found) return found;
  const hosts = new Set([...addresses].map(hostOfAddress));
  const why = skipped.find(({ record }) => hosts.has(hostOf(hostOfAddress(record))));
  const [first] = own;
  const left = why ? `${why.code}, ${why.reason}` : 'this list cannot hold it';
  return { lost: 'selected', ...(first ? selectedAdvice({ ...first, left }) : { reason: left }) };
}

/** A rung first, then what is not known. */
function rank({ lost, reason }: Finding): number {
  if (lost !== null) return RUNGS.indexOf(lost);
  return reason === undefined ? RUNGS.length + 1 : RUNGS.length;
}

function byRung(a: CoveredCluster, b: CoveredCluster): number {
  const at = ({ lost }: CoveredCluster) => (lost === null ? RUNGS.length : RUNGS.indexOf(lost));
  return at(a) - at(b) || compare(a.cluster, b.cluster);
}

/** The list is known to be missing, so nothing is in it. */
const NO_LIST: readonly FaultCode[] = [
  'object-missing',
  'object-not-ours',
  'key-missing',
  'file-missing',
  'job-missing',
];
const hasNoList = ({ code }: Fault) => NO_LIST.includes(code);

function orphansOf({ candidates, verdicts }: Ladder, ids: ReadonlySet<string>): Orphan[] {
  const wanted = new Set(
    verdicts.flatMap(({ targets }) =>
      targets.flatMap(({ address, state }) => (state === 'unwanted' ? [] : address)),
    ),
  );
  return [...candidates]
    .filter(([id]) => !ids.has(id))
    .flatMap(([cluster, own]) =>
      own.flatMap(({ address }) => {
        if (address === undefined || !wanted.has(address)) return [];
        return { target: address, cluster };
      }),
    )
    .sort((a, b) => compare(a.target, b.target));
}
