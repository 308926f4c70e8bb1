import { asFault, type Fault } from '../fault.ts';
import { CLUSTER_LABEL, type Expect, type ExpectedEks, type Job } from '../job.ts';
import type { Run } from '../run.ts';
import { matchAll } from '../targets/patterns.ts';
import type { Clusters } from './clusters.ts';

/** An id that a cluster with it must be monitored under. */
export interface Expected {
  readonly id: string;
  /** The EKS clusters with this id, such as `eu-west-1/prod-1`; empty if only a file names it. */
  readonly clusters: readonly string[];
}

/** The clusters that a job expects, and why some of its sources are missing. */
export interface ExpectedList {
  /** Each id once, in the order of the sources. */
  readonly all: readonly Expected[];
  readonly faults: readonly Fault[];
}

/** Lists what jobs expect; each source once, although several jobs may name it. */
export class ExpectedClusters {
  readonly #clusters: Clusters;
  readonly #run: Run;
  readonly #listed = new Map<string, Promise<readonly string[]>>();

  constructor(clusters: Clusters, run: Run) {
    this.#clusters = clusters;
    this.#run = run;
  }

  /** Never rejects. */
  async of({ expect }: Pick<Job, 'expect'>): Promise<ExpectedList> {
    const results = await Promise.allSettled(
      expect.map(async (source) => ({ source, names: await this.#names(source) })),
    );
    const faults: Fault[] = [];
    const named: Named[] = [];
    for (const result of results) {
      try {
        if (result.status === 'rejected') throw result.reason;
        named.push(...namedBy(result.value.source, result.value.names));
      } catch (error) {
        faults.push(asFault(error));
      }
    }
    return { all: byId(named), faults };
  }

  #names(source: Expect): Promise<readonly string[]> {
    const key = listingKey(source);
    const listing = this.#listed.get(key) ?? this.#clusters.list(source, this.#run);
    this.#listed.set(key, listing);
    return listing;
  }
}

/** The same for sources that differ only in their pattern. */
export function listingKey(source: Expect): string {
  return JSON.stringify('eks' in source ? { ...source.eks, name: undefined } : source);
}

interface Named {
  readonly id: string;
  readonly cluster?: string;
}

/**
 * The ids of a source's clusters. Those that its pattern does not match are not expected.
 *
 * @throws Fault `pattern-timeout`
 */
export function namedBy(source: Expect, names: readonly string[]): Named[] {
  if ('file' in source) return names.map((id) => ({ id }));
  const { name = '' } = source.eks;
  const rules = { types: [], name, exclude: [], setIdentifier: undefined };
  const rows = names.map((host) => ({ host, setIdentifier: undefined }));
  const where = whereText(source.eks);
  return matchAll(rules, rows).flatMap(({ groups }, i): Named[] => {
    const whole = names[i] as string;
    if (!groups) return [];
    return [
      { id: groups[CLUSTER_LABEL] || whole, cluster: [where, whole].filter(Boolean).join('/') },
    ];
  });
}

/** `eu-west-1`, `111122223333/eu-west-1`; empty for the caller's account in the environment's Region. */
export function whereText({ region, roleArn }: Pick<ExpectedEks, 'region' | 'roleArn'>): string {
  return [roleArn?.split(':')[4], region].filter(Boolean).join('/');
}

function byId(named: readonly Named[]): Expected[] {
  return [...Map.groupBy(named, ({ id }) => id)].map(([id, same]) => ({
    id,
    clusters: [...new Set(same.flatMap(({ cluster }) => cluster ?? []))],
  }));
}
