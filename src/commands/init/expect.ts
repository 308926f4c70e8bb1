import { candidatesOf } from '../../coverage/candidates.ts';
import { CLUSTER_LABEL } from '../../job.ts';
import { count, firstOf } from '../../wording.ts';
import type { EksClusters } from './eks-clusters.ts';
import { lineUp } from './line-up.ts';
import { escapeText } from './pattern.ts';
import type { SourceRecords, Suggestion } from './suggest.ts';

/** A source of expected clusters for the settings. */
export interface Proposal {
  readonly region: string;
  /** Pattern of the names; undefined: a cluster's id is its whole name. */
  readonly name: string | undefined;
  /** How well it fits. */
  readonly about: readonly string[];
}

/** Fewer could be a coincidence. */
const FEWEST = 2;
/** Names in a comment. */
const MOST = 5;

/** `expect` for a job, if at least half of the EKS clusters line up with its ids; else why not. */
export function proposeExpect(
  { from, also }: Pick<Suggestion, 'from' | 'also'>,
  sources: readonly SourceRecords[],
  { region, names }: EksClusters,
): Proposal | { readonly whyNot: string } {
  // The settings would be refused.
  if (from.some(({ labels }) => labels[CLUSTER_LABEL] === undefined)) {
    return { whyNot: `not all targets have a label ${CLUSTER_LABEL} to compare with` };
  }
  const listings = from.map(
    ({ source }) => sources.find((one) => one.source === source)?.records ?? [],
  );
  const candidates = [...candidatesOf({ from }, listings, new Set())];
  // Of excluded names, too: they show how clusters are named, and coverage reports that they are excluded.
  const inZone = new Set(candidates.flatMap(([id, [best]]) => (best && best.passed > 1 ? id : [])));
  const inAlso = also.flatMap(({ labels }) => labels[CLUSTER_LABEL] ?? []);
  const { before, after, ids } = lineUp(new Set([...inZone, ...inAlso]), names);
  const found = [...ids.values()];
  const where = found.every((id) => inZone.has(id)) ? 'zone' : 'zone, or a target in also';
  const share = `${ids.size} of ${count(names.length, 'EKS cluster')} of ${region} ${ids.size === 1 ? 'has' : 'have'} a name in the ${where}`;
  if (ids.size < FEWEST || ids.size * 2 < names.length) {
    return { whyNot: `${share}; needed: half of them, and at least ${FEWEST}` };
  }

  const plain = before === '' && after === '';
  const fits = (name: string) =>
    name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after);
  const [missing = [], others = []] = [true, false].map((wanted) =>
    names.filter((name) => !ids.has(name) && fits(name) === wanted),
  );
  const clusterless = candidates.filter(
    ([id, [best]]) => best?.address !== undefined && !found.includes(id),
  );
  return {
    region,
    name: plain ? undefined : `^${escapeText(before)}(?<${CLUSTER_LABEL}>.+)${escapeText(after)}$`,
    about: [
      missing.length === 0 ? share : `${share}; missing: ${firstOf(missing, MOST)}`,
      ...(others.length === 0
        ? []
        : [`Not expected, since the pattern does not match: ${firstOf(others, MOST)}`]),
      ...(clusterless.length === 0
        ? []
        : [
            `Not an EKS cluster of ${region}: ${firstOf(
              clusterless.map(([id]) => id),
              MOST,
            )}`,
            'If it exists elsewhere, add that to expect, or coverage reports it as orphaned.',
          ]),
    ],
  };
}
