import { EventPath } from '../../aws/event-path.ts';
import type { ZoneSource } from '../../job.ts';
import type { Run } from '../../run.ts';
import type { Session } from '../command.ts';
import { ABOUT, checkEventPath, zonesText } from './event-path-check.ts';
import { type Finding, note } from './finding.ts';

/** Whether changes in the zones of the settings lead to a run. */
export async function checkEvents(
  { connection, jobs, settings }: Session,
  run: Run,
): Promise<Finding[]> {
  const sources = jobs.flatMap(({ from }) => from.map(({ source }) => source));
  const zones = sources.filter((source) => 'zone' in source);
  const idsOf = (some: readonly ZoneSource[]) => [...new Set(some.map(({ zone }) => zone))];
  const own = idsOf(zones.filter(({ roleArn }) => roleArn === undefined));
  const others = idsOf(zones.filter(({ roleArn }) => roleArn !== undefined));
  const findings = others.length > 0 ? [ofOtherAccounts(others)] : [];
  if (own.length === 0) return findings;
  const { cluster } = settings;
  const named = cluster && 'eks' in cluster ? cluster.eks.region : undefined;
  const home = named ?? (await connection.aws.region());
  const path = new EventPath(connection.aws, run);
  return [...findings, ...(await checkEventPath(own, home, path))];
}

/** Zones that are read with a role: their events begin in their accounts. */
function ofOtherAccounts(zones: readonly string[]): Finding {
  return note(
    ABOUT,
    `changes of ${zonesText(zones)} are not checked: their events begin in another account`,
    'Check that infra/aws/other-account.yml is deployed there with these zones (infra/guides/accounts.md).',
  );
}
