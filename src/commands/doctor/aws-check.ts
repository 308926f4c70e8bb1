import { basename } from 'node:path';
import { ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { awsFault } from '../../aws/fault.ts';
import type { Connection } from '../../connect.ts';
import type { From, Job, ZoneSource } from '../../job.ts';
import { listExport } from '../../records/export-file.ts';
import { suffixOf } from '../../records/suffix.ts';
import type { Run } from '../../run.ts';
import { count } from '../../wording.ts';
import { type Finding, met, ok, warning } from './finding.ts';

/** Who we are for AWS. Without credentials nothing else of AWS is worth a look: `known` is false. */
export async function checkIdentity(
  { aws }: Connection,
  run: Run,
): Promise<{ findings: Finding[]; known: boolean }> {
  const sts = aws.sts();
  try {
    await sts.config.credentials();
  } catch (error) {
    return { findings: [met('AWS', awsFault(error, { to: 'find credentials' }))], known: false };
  }
  try {
    const { Arn = 'nobody' } = await sts.send(new GetCallerIdentityCommand({}), {
      abortSignal: run.signal,
    });
    return { findings: [ok('AWS', Arn)], known: true };
  } catch (error) {
    const fault = awsFault(error, { to: 'ask STS who we are' }, run.signal);
    // A VPC may have a way to Route 53 and none to STS: a sync needs STS for the roles of zones alone.
    const known = fault.code !== 'aws-credentials';
    return { findings: [met('AWS', fault, known ? 'warning' : 'failure')], known };
  }
}

/** Each source of the jobs: its role, whether it can be read, and whether its names can be meant. */
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
    return ok(about, count((await listExport(path)).length, 'record set'));
  } catch (error) {
    return met(about, error);
  }
}

async function checkZone(
  source: ZoneSource,
  froms: readonly From[],
  { aws, route53 }: Connection,
  run: Run,
): Promise<Finding[]> {
  const about = `zone ${source.zone}`;
  const { roleArn } = source;
  const findings: Finding[] = [];
  if (roleArn !== undefined) {
    try {
      await aws.route53(source).config.credentials();
      findings.push(ok(about, `sts:AssumeRole gives ${roleArn}`));
    } catch (error) {
      return [met(about, awsFault(error, { to: `assume role ${roleArn}` }, run.signal))];
    }
  }
  let name: string | undefined;
  try {
    const zone = await route53.zone(source, run);
    name = (zone.Name ?? '').replace(/\.$/, '');
    const kind = zone.Config?.PrivateZone ? 'private' : 'public';
    const size = count(zone.ResourceRecordSetCount ?? 0, 'record set');
    findings.push(ok(about, `route53:GetHostedZone gives ${name}, ${kind}, ${size}`));
    findings.push(...patternsOutside(about, name, froms));
  } catch (error) {
    findings.push(met(about, error));
  }
  findings.push(await checkListing(about, source, name, aws, run));
  return findings;
}

/** One record set is asked for: the SOA, which also says how long a missing name is remembered. */
async function checkListing(
  about: string,
  source: ZoneSource,
  name: string | undefined,
  aws: Connection['aws'],
  run: Run,
): Promise<Finding> {
  const start =
    name === undefined ? {} : { StartRecordName: name, StartRecordType: 'SOA' as const };
  try {
    const command = new ListResourceRecordSetsCommand({
      HostedZoneId: source.zone,
      MaxItems: 1,
      ...start,
    });
    const page = await aws.route53(source).send(command, { abortSignal: run.signal });
    const [soa] = (page.ResourceRecordSets ?? []).filter(({ Type }) => Type === 'SOA');
    const minimum = Number(soa?.ResourceRecords?.[0]?.Value?.split(' ').at(-1));
    const seconds = Math.min(soa?.TTL ?? Number.NaN, minimum);
    const note = Number.isNaN(seconds)
      ? ''
      : `; who asks for a name too early hears nothing of it for ${seconds} s (its SOA)`;
    return ok(about, `route53:ListResourceRecordSets is allowed${note}`);
  } catch (error) {
    const asked = {
      to: `list zone ${source.zone}`,
      missing: 'zone-missing',
      forbidden: 'zone-forbidden',
    } as const;
    return met(about, awsFault(error, asked, run.signal));
  }
}

/** A pattern that ends in labels which no name of the zone ends in. */
function patternsOutside(about: string, zone: string, froms: readonly From[]): Finding[] {
  return froms.flatMap(({ select }) => {
    const suffix = suffixOf(select.name);
    if (suffix === undefined || within(suffix, zone) || within(zone, suffix)) return [];
    const message = `select.name ${select.name} matches no name that ends in ${zone}`;
    return [
      warning(about, message, 'Correct the pattern, or give the id of the zone that is meant.'),
    ];
  });
}

const within = (name: string, zone: string) => name === zone || name.endsWith(`.${zone}`);
