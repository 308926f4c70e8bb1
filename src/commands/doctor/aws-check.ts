import { basename } from 'node:path';
import { awsFault } from '../../aws/fault.ts';
import { callerArn, findCredentials } from '../../aws/identity.ts';
import type { Connection } from '../../connect.ts';
import { asFault } from '../../fault.ts';
import type { From, Job, ZoneSource } from '../../job.ts';
import { listExport } from '../../records/export-file.ts';
import { suffixOf } from '../../records/suffix.ts';
import type { Run } from '../../run.ts';
import { count } from '../../wording.ts';
import { type Finding, fromError, ok, warning } from './finding.ts';

/** Our AWS identity. Without credentials no other AWS check makes sense: `known` is false. */
export async function checkIdentity(
  { aws }: Connection,
  run: Run,
): Promise<{ findings: Finding[]; known: boolean }> {
  try {
    await findCredentials(aws);
  } catch (error) {
    return { findings: [fromError('AWS', error)], known: false };
  }
  try {
    return { findings: [ok('AWS', await callerArn(aws, run))], known: true };
  } catch (error) {
    // A VPC may have a path to Route 53 but not to STS, which a sync needs only for the roles of zones.
    const known = asFault(error).code !== 'aws-credentials';
    return { findings: [fromError('AWS', error, known ? 'warning' : 'failure')], known };
  }
}

/** Each source of the jobs: its role, whether it can be read, and whether the pattern can match its names. */
export async function checkSources(
  jobs: readonly Job[],
  connection: Connection,
  known: boolean,
  run: Run,
): Promise<Finding[]> {
  const froms = Map.groupBy(
    jobs.flatMap(({ from }) => from),
    ({ source }) => JSON.stringify(source),
  );
  const findings: Finding[] = [];
  for (const same of froms.values()) {
    const { source } = same[0] as From;
    if (!('zone' in source)) findings.push(await checkExport(source.records));
    else if (known) findings.push(...(await checkZone(source, same, connection, run)));
  }
  return findings;
}

async function checkExport(path: string): Promise<Finding> {
  const about = `file ${basename(path)}`;
  try {
    return ok(about, count((await listExport(path)).recordSets.length, 'record set'));
  } catch (error) {
    return fromError(about, error);
  }
}

async function checkZone(
  source: ZoneSource,
  froms: readonly From[],
  connection: Connection,
  run: Run,
): Promise<Finding[]> {
  const { aws, route53 } = connection;
  const about = `zone ${source.zone}`;
  const { roleArn } = source;
  const findings: Finding[] = [];
  if (roleArn !== undefined) {
    try {
      await aws.route53(source).config.credentials();
      findings.push(ok(about, `sts:AssumeRole returned ${roleArn}`));
    } catch (error) {
      return [fromError(about, awsFault(error, { to: `assume role ${roleArn}` }, run.signal))];
    }
  }
  let name: string | undefined;
  try {
    const zone = await route53.zone(source, run);
    name = (zone.Name ?? '').replace(/\.$/, '');
    const kind = zone.Config?.PrivateZone ? 'private' : 'public';
    const size = count(zone.ResourceRecordSetCount ?? 0, 'record set');
    findings.push(ok(about, `route53:GetHostedZone returned ${name}, ${kind}, ${size}`));
    findings.push(...patternsOutside(about, name, froms));
  } catch (error) {
    findings.push(fromError(about, error));
  }
  const listing = await checkListing(about, source, name, connection, run);
  // A zone that is missing fails both calls, and one remedy covers both.
  const known = findings.some(({ code }) => code !== undefined && code === listing.code);
  return known ? findings : [...findings, listing];
}

/** Lists one record set: the SOA, which also has the time that resolvers cache a missing name. */
async function checkListing(
  about: string,
  source: ZoneSource,
  name: string | undefined,
  { route53 }: Connection,
  run: Run,
): Promise<Finding> {
  try {
    const seconds = await route53.negativeTtl(source, name, run);
    const note =
      seconds === undefined ? '' : `; resolvers cache a missing name for ${seconds} s (SOA)`;
    return ok(about, `route53:ListResourceRecordSets is allowed${note}`);
  } catch (error) {
    return fromError(about, error);
  }
}

/** A pattern whose last labels no name of the zone has. */
function patternsOutside(about: string, zone: string, froms: readonly From[]): Finding[] {
  return froms.flatMap(({ select }) => {
    const suffix = suffixOf(select.name);
    if (suffix === undefined || within(suffix, zone) || within(zone, suffix)) return [];
    const message = `select.name ${select.name} matches no name that ends in ${zone}`;
    return [warning(about, message, 'Correct the pattern, or use the id of the intended zone.')];
  });
}

const within = (name: string, zone: string) => name === zone || name.endsWith(`.${zone}`);
