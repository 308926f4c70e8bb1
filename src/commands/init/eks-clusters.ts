import { eksRegion } from '../../aws/identity.ts';
import type { Connection } from '../../connect.ts';
import { asFault } from '../../fault.ts';
import type { Run } from '../../run.ts';
import type { Where } from './where.ts';

/** The names of the EKS clusters of one Region, in the caller's account. */
export interface EksClusters {
  readonly region: string;
  readonly names: readonly string[];
}

/** What they are listed for is optional, so they must not delay the rest. */
const TIME_LIMIT_S = 10;

/**
 * The EKS clusters that `expect` could name, or why they are unknown. undefined: the zones are files, no Region is
 * known, or it has no EKS clusters.
 */
export async function eksClusters(
  { cluster, sources }: Pick<Where, 'cluster' | 'sources'>,
  { aws, clusters }: Pick<Connection, 'aws' | 'clusters'>,
  run: Run,
): Promise<EksClusters | { readonly whyNot: string } | undefined> {
  if (!sources.some((source) => 'zone' in source)) return undefined;
  const own = cluster !== undefined && 'eks' in cluster ? cluster.eks : undefined;
  const region = own?.region ?? (await eksRegion(aws, {}));
  if (!region) return undefined;
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(TIME_LIMIT_S * 1_000)]);
  try {
    const eks = { region, connected: false };
    const names = await clusters.list({ eks }, { ...run, signal });
    return names.length > 0 ? { region, names } : undefined;
  } catch (error) {
    const { code, message } = asFault(error);
    if (code === 'clusters-forbidden') return { whyNot: 'eks:ListClusters is denied' };
    const late = `EKS in ${region} did not answer within ${TIME_LIMIT_S} s`;
    return { whyNot: code === 'deadline' ? late : message };
  }
}
