import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../../src/connect.ts';
import { coverage } from '../../../src/coverage/coverage.ts';
import { kubernetesRole } from '../../../src/kubernetes-policy.ts';
import { iamPolicy } from '../../../src/policy.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import { sync } from '../../../src/sync.ts';
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { cname } from '../../support/emulators/record-sets.ts';
import { prometheusYml } from '../../unit/commands/run.ts';
import { quickRetries } from '../faults/quick-retries.ts';

// The IAM policy that `federation-sync policy` prints is enough, and nothing in it is too much.

const ROLE = 'arn:aws:iam::210987654321:role/zone-reader';
const env = { ...process.env };

let emulators: Emulators;
let zones: { ours: string; theirs: string; other: string };

beforeEach(async () => {
  emulators = await startEmulators();
  Object.assign(process.env, emulators.env);
  const { aws, kubernetes } = emulators;
  aws.identity.addRole({ arn: ROLE });
  const zone = (name: string, account?: string) => {
    const id = aws.route53.createZone({ name, ...(account && { account }) });
    aws.route53.upsert(id, [cname(`c1.${name}`)]);
    return id;
  };
  zones = {
    ours: zone('ours.internal'),
    theirs: zone('theirs.internal', '210987654321'),
    other: zone('other.internal'),
  };
  for (const item of kubernetesRole(settings()).items) kubernetes.put(item as never);
  emulators.addAccessEntry(emulators.credentials.arn, { groups: ['federation-sync'] });
  kubernetes.put({
    kind: 'ConfigMap',
    metadata: { namespace: 'monitoring', name: 'server' },
    data: { 'prometheus.yml': prometheusYml() },
  });
});
afterEach(async () => {
  process.env = { ...env };
  await emulators.close();
});

function settings(zone?: string, expected?: readonly object[]) {
  const to = { configMap: { namespace: 'monitoring', name: 'server', key: 'prometheus.yml' } };
  const raw = {
    cluster: { eks: { name: emulators.cluster, region: 'eu-west-1' } },
    jobs: [
      {
        job: 'federate',
        from: [{ zone: zone ?? zones.ours }, { zone: zones.theirs, roleArn: ROLE }],
        select: { name: 'internal' },
        ...(expected && { expect: expected }),
        to,
      },
    ],
  };
  return checkSettings(raw, 'settings', '/');
}

const scope = () => ({ account: emulators.aws.identity.account });
const printed = () => iamPolicy(settings(), scope());
const grant = (statements: ReturnType<typeof printed>['Statement']) =>
  emulators.aws.identity.attach(emulators.credentials.arn, { Statement: statements });

async function run(given = settings()): Promise<string> {
  const connection = connect(given, { env: process.env, retryStrategy: quickRetries(2) });
  const [outcome] = await sync(given.jobs, connection, { signal: AbortSignal.timeout(10_000) });
  connection.kubernetes().close();
  return outcome?.fault?.code ?? outcome?.status ?? '';
}

test('is enough', async () => {
  grant(printed().Statement);
  expect(await run()).toBe('written');
  expect(await run()).toBe('unchanged');
});

/** What each action is needed for: what fails without it. */
const needs = {
  'route53:GetHostedZone': 'zone-forbidden',
  'route53:ListResourceRecordSets': 'zone-forbidden',
  'sts:AssumeRole': 'role-forbidden',
  'eks:DescribeCluster': 'cluster-forbidden',
} as const;

test('holds these actions and no other', () => {
  const actions = printed().Statement.flatMap(({ Action }) => Action);
  expect(actions.sort()).toEqual(Object.keys(needs).sort());
});

describe.each(Object.entries(needs))('without %s', (action, code) => {
  test(`it fails with ${code}, and nothing is written`, async () => {
    const without = printed().Statement.map((statement) => ({
      ...statement,
      Action: statement.Action.filter((it) => it !== action),
    }));
    grant(without.filter(({ Action }) => Action.length > 0));
    expect(await run()).toBe(code);
    const object = emulators.kubernetes.get('ConfigMap', 'monitoring', 'server');
    expect(object?.data).toEqual({ 'prometheus.yml': prometheusYml() });
  });

  test('of the named resources alone, too', async () => {
    grant(
      printed().Statement.map((statement) =>
        statement.Action.includes(action)
          ? { ...statement, Resource: statement.Resource.map((it) => `${it}-of-another`) }
          : statement,
      ),
    );
    expect(await run()).toBe(code);
  });
});

test('is for the named zones only', async () => {
  grant(printed().Statement);
  expect(await run(settings(zones.other))).toBe('zone-forbidden');
});

describe('with clusters to expect', () => {
  const region = 'eu-west-1';
  const theirs = { eks: { region, roleArn: ROLE } };

  /** Codes of what could not be found out. */
  async function cover(expected: readonly object[], without?: string): Promise<string[]> {
    const given = settings(undefined, expected);
    const { Statement } = iamPolicy(given, scope());
    grant(Statement.filter(({ Action }) => !without || !Action.includes(without)));
    const connection = connect(given, { env: process.env, retryStrategy: quickRetries(2) });
    const signal = AbortSignal.timeout(10_000);
    const [found] = await coverage(given.jobs, connection, { signal });
    connection.kubernetes().close();
    return found!.faults.map(({ code }) => code);
  }

  test('is enough for coverage, and a sync needs no more than without', async () => {
    expect(await cover([{ eks: { region } }, theirs])).toEqual([]);
    grant(printed().Statement);
    expect(await run(settings(undefined, [{ eks: { region } }]))).toBe('written');
  });

  test('without eks:ListClusters, the clusters of this account cannot be listed', async () => {
    expect(await cover([{ eks: { region } }], 'eks:ListClusters')).toEqual(['clusters-forbidden']);
  });

  test('for those of another account it is the role that lists them', async () => {
    const needed = iamPolicy(settings(undefined, [theirs]), scope()).Statement;
    expect(needed.flatMap(({ Action }) => Action)).not.toContain('eks:ListClusters');
    emulators.aws.identity.attach(ROLE, {
      Statement: [{ Effect: 'Allow', Action: 'route53:*', Resource: '*' }],
    });
    expect(await cover([theirs])).toEqual(['clusters-forbidden']);
  });
});
