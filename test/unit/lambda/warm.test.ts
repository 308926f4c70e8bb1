import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { issueServerCertificate } from '../../support/emulators/wire/certificate.ts';
import { prometheusYml } from '../../support/fakes/world.ts';
import { scheduleEvent } from '../event/events.ts';
import { type Account, SETTINGS, startAccount, ZONE } from './account.ts';
import { deploy } from './deployed.ts';

/* What a function keeps between invocations, and that none of it can make it serve what is old. */

let account: Account;
beforeAll(async () => {
  account = await startAccount();
});
afterAll(() => account.close());
beforeEach(() => account.reset());

const deployed = () => deploy(SETTINGS, account.env);

const put = (federate: readonly string[], annotations: Record<string, string> = {}) =>
  account.kubernetes.put({
    kind: 'ConfigMap',
    metadata: {
      name: 'prometheus-server',
      namespace: 'monitoring',
      annotations: { 'route53-federation-sync/managed': 'federate,other', ...annotations },
    },
    data: { 'prometheus.yml': prometheusYml({ federate, other: ['x.internal'] }) },
  });

const statuses = async (lambda: Awaited<ReturnType<typeof deployed>>) =>
  (await lambda.invoke(scheduleEvent())).jobs.map(({ status }) => status);

describe('a warm function', () => {
  test('sees each version of its object, also one that is as an earlier one was', async () => {
    const lambda = await deployed();
    expect(await statuses(lambda)).toEqual(['written', 'unchanged']);
    expect(await statuses(lambda)).toEqual(['unchanged', 'unchanged']);
    for (const list of [['a.internal'], [], ['z.internal'], ['a.internal']]) {
      put(list);
      expect(await statuses(lambda)).toEqual(['written', 'unchanged']);
      expect(account.list('federate')).toEqual(['a.internal', 'b.internal']);
    }
    put(['a.internal', 'b.internal'], { 'route53-federation-sync/paused': 'yes' });
    expect(await statuses(lambda)).toEqual(['paused', 'paused']);
  });

  test('writes with the version that it read in the same run', async () => {
    const lambda = await deployed();
    await statuses(lambda);
    put(['a.internal']);
    account.faults.before({ operation: 'patch configmaps' }, () => void put(['late.internal']));
    expect(await statuses(lambda)).toEqual(['written', 'unchanged']);
    expect(account.list('federate')).toEqual(['a.internal', 'b.internal']);
    const patches = account.faults.of('patch configmaps').slice(-2);
    const versions = patches.map(({ body }) => JSON.parse(body).metadata.resourceVersion);
    expect(new Set(versions).size).toBe(2);
  });

  test('sees each change of its zone: a name more, less, of another type, or with another identifier', async () => {
    const lambda = await deployed();
    await statuses(lambda);
    const record = (Type: 'A' | 'TXT', SetIdentifier?: string) => ({
      ...{ Name: 'c.internal.', Type, TTL: 60, ResourceRecords: [{ Value: '10.0.0.1' }] },
      ...(SetIdentifier !== undefined && { SetIdentifier, Weight: 1 }),
    });
    const { route53 } = account.aws;
    const listWith = async (...records: ReturnType<typeof record>[]) => {
      account.zone(ZONE, 'a', 'b');
      route53.upsert(ZONE, records);
      await statuses(lambda);
      return account.list('federate');
    };
    expect(await listWith(record('A'))).toEqual(['a.internal', 'b.internal', 'c.internal']);
    expect(await listWith(record('TXT'))).toEqual(['a.internal', 'b.internal']);
    expect(await listWith(record('A', 'one'))).toContain('c.internal');
    expect(await listWith()).toEqual(['a.internal', 'b.internal']);
  });

  test('signs again with new credentials when the cluster refuses the token that it keeps', async () => {
    const lambda = await deployed();
    await statuses(lambda);
    const read = { service: 'kubernetes', operation: 'get configmaps' };
    account.faults.on(read, { refuse: { status: 401 } });
    expect(await statuses(lambda)).toEqual(['unchanged', 'unchanged']);
    const answers = account.faults.of(read.operation).map(({ status }) => status);
    expect(answers.slice(-2)).toEqual([200, 200]);
    expect(answers.filter((status) => status === 401)).toHaveLength(1);
  });

  test('describes a cluster again that refuses new credentials', async () => {
    const lambda = await deployed();
    await statuses(lambda);
    account.faults.on({ service: 'kubernetes', times: 100 }, { refuse: { status: 401 } });
    expect((await lambda.fails(scheduleEvent())).message).toContain('kubernetes-unauthorized');
    account.faults.clear();
    expect(await statuses(lambda)).toEqual(['unchanged', 'unchanged']);
    expect(account.faults.of('DescribeCluster')).toHaveLength(1);
  });

  test('describes a cluster again that cannot prove to be the one that it keeps: it was created again', async () => {
    const { eks } = account.aws;
    const { url: endpoint, certificateAuthority } = account.kubernetes;
    const cluster = { name: 'central', region: 'eu-west-1', endpoint };
    const { authority } = issueServerCertificate();
    eks.putCluster({ ...cluster, certificateAuthority: authority.certificate });
    const lambda = await deployed();
    expect((await lambda.fails(scheduleEvent())).message).toContain('kubernetes-unreachable');
    eks.putCluster({ ...cluster, certificateAuthority });
    expect(await statuses(lambda)).toEqual(['written', 'unchanged']);
  });
});
