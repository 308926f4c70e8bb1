import { readFile } from 'node:fs/promises';
import type { EksClient } from '../aws/eks-client.ts';
import { awsFault } from '../aws/fault.ts';
import { Fault } from '../fault.ts';
import type { Expect, ExpectedEks } from '../job.ts';
import { type Run, withinRun } from '../run.ts';

/** Lists the clusters of one source: all of them, or it throws a Fault. */
export interface Clusters {
  /** Names as they are, before the source's pattern. */
  list(source: Expect, run: Run): Promise<readonly string[]>;
}

/** @param client of the source's Region and role */
export function clustersOf(client: (source: ExpectedEks) => EksClient): Clusters {
  return {
    list: (source, run) =>
      'file' in source ? readNames(source.file) : listNames(source.eks, client(source.eks), run),
  };
}

/**
 * Every page of ListClusters.
 *
 * @throws Fault `clusters-forbidden`, `listing-inconsistent`, `aws-*`, `deadline`
 */
async function listNames(
  { connected }: ExpectedEks,
  client: EksClient,
  run: Run,
): Promise<string[]> {
  const to = `list the EKS clusters of ${await regionOf(client)}`;
  const names: string[] = [];
  const tokens = new Set<string>();
  let nextToken: string | undefined;
  do {
    try {
      const what = { connected, ...(nextToken !== undefined && { nextToken }) };
      const page = await withinRun(
        client.listClusters(what, run.signal),
        run,
        `before it could ${to}`,
      );
      if (!page) throw new Fault('aws-unavailable', `could not ${to}: the answer is not from EKS`);
      names.push(...page.clusters);
      nextToken = page.nextToken;
    } catch (error) {
      throw awsFault(error, { to, forbidden: 'clusters-forbidden' }, run.signal);
    }
    if (nextToken === undefined) continue;
    if (tokens.has(nextToken)) {
      throw new Fault('listing-inconsistent', `could not ${to}: EKS repeats a page`);
    }
    tokens.add(nextToken);
  } while (nextToken !== undefined);
  return names;
}

async function regionOf({ config }: EksClient): Promise<string> {
  try {
    return await config.region();
  } catch (cause) {
    const remedy = 'Set expect.eks.region, AWS_REGION, or the region of the AWS profile.';
    throw new Fault('cluster-invalid', 'the Region of the clusters to expect is unknown', {
      remedy,
      cause,
    });
  }
}

/**
 * One name a line; empty lines and those that begin with # are left out.
 *
 * @throws Fault `expect-unreadable`
 */
async function readNames(path: string): Promise<string[]> {
  try {
    const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.trim());
    return lines.filter((line) => line !== '' && !line.startsWith('#'));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Fault('expect-unreadable', `${path} cannot be read (${code})`, { cause });
  }
}
