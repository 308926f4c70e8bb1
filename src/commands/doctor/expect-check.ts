import { basename } from 'node:path';
import { eksRegion } from '../../aws/identity.ts';
import type { Connection } from '../../connect.ts';
import { listingKey, namedBy, whereText } from '../../coverage/expected.ts';
import type { Expect, Job } from '../../job.ts';
import type { Run } from '../../run.ts';
import { count } from '../../wording.ts';
import { type Finding, fromError, ok, warning } from './finding.ts';

export function expectsEks(jobs: readonly Job[]): boolean {
  return jobs.some(({ expect }) => expect.some((source) => 'eks' in source));
}

/**
 * Each source of expected clusters: whether it can be listed, and how many clusters its pattern matches. A sync needs
 * none of them; coverage does.
 *
 * @param known without credentials, no source in AWS is tried
 */
export async function checkExpect(
  jobs: readonly Job[],
  connection: Connection,
  known: boolean,
  run: Run,
): Promise<Finding[]> {
  const sources = jobs.flatMap(({ expect }) => expect);
  const findings: Finding[] = [];
  for (const same of Map.groupBy(sources, listingKey).values()) {
    const [first] = same as [Expect];
    if ('eks' in first && !known) continue;
    const about = await aboutOf(first, connection);
    try {
      const names = await connection.clusters.list(first, run);
      findings.push(...checkNames(about, names, same));
    } catch (error) {
      findings.push(fromError(about, error));
    }
  }
  return findings;
}

/** `file clusters.txt`, `EKS eu-west-1`, `EKS 210987654321/eu-west-1` */
async function aboutOf(source: Expect, { aws }: Connection): Promise<string> {
  if ('file' in source) return `file ${basename(source.file)}`;
  const { roleArn } = source.eks;
  // Without a Region the listing fails, and that is reported.
  const region = await eksRegion(aws, source.eks);
  return `EKS ${whereText({ ...(region && { region }), ...(roleArn && { roleArn }) })}`.trim();
}

function checkNames(about: string, names: readonly string[], same: readonly Expect[]): Finding[] {
  if (names.length === 0) return [warning(about, 'no clusters', emptyRemedy(same))];
  const patterns = Map.groupBy(same, (source) => ('eks' in source ? source.eks.name : undefined));
  return [...patterns].map(([pattern, [source]]) => {
    const clusters = count(names.length, 'cluster');
    if (pattern === undefined) return ok(about, clusters);
    try {
      const matching = namedBy(source as Expect, names).length;
      if (matching > 0) return ok(about, `${clusters}, ${matching} of them match ${pattern}`);
    } catch (error) {
      return fromError(about, error);
    }
    const some = names.slice(0, 3).join(', ');
    return warning(
      about,
      `${clusters}, and none matches expect.eks.name ${pattern}`,
      `Correct the pattern; ${names.length > 3 ? `the first are ${some}` : `the names are ${some}`}.`,
    );
  });
}

function emptyRemedy([source]: readonly Expect[]): string {
  return source && 'file' in source
    ? 'Write one cluster a line, or remove this file from expect.'
    : 'Check the Region of expect.eks and the account of the caller or of roleArn.';
}
