import { describe, expect, test } from 'vitest';
import type { Settings } from '../../../src/job.ts';
import { kubernetesRole } from '../../../src/kubernetes-policy.ts';
import { iamPolicy, zonesOf } from '../../../src/policy.ts';
import { checkSettings } from '../../../src/settings/parse.ts';

/** Validated settings; what a test does not give is a file, which needs no permission. */
function settings({ cluster, jobs = [{}] }: { cluster?: object; jobs?: object[] }): Settings {
  const complete = jobs.map((job, i) => ({
    name: `job${i}`,
    job: `job${i}`,
    from: [{ records: 'zone.json' }],
    select: { name: '.' },
    to: { file: `${i}.yml` },
    ...job,
  }));
  return checkSettings({ ...(cluster && { cluster }), jobs: complete }, 'test', '/');
}
const sids = (given: object) => iamPolicy(settings(given)).Statement.map(({ Sid }) => Sid);

describe('the IAM policy', () => {
  const eks = { name: 'central', region: 'eu-west-1' };

  test('names each zone once, and none that is read with a role', () => {
    const from = [{ zone: 'Z2' }, { zone: '/hostedzone/Z1' }, { zone: 'Z2' }];
    const other = { zone: 'Z3', roleArn: 'arn:aws:iam::222222222222:role/reader' };
    const { Statement } = iamPolicy(settings({ jobs: [{ from }, { from: [other] }] }));
    expect(Statement.map(({ Resource }) => Resource)).toEqual([
      ['arn:aws:route53:::hostedzone/Z1', 'arn:aws:route53:::hostedzone/Z2'],
      ['arn:aws:iam::222222222222:role/reader'],
    ]);
  });

  test('needs no cluster permission where its address is known, nor where a role is assumed for it', () => {
    expect(sids({ cluster: { eks } })).toEqual(['DescribeCluster']);
    const known = { ...eks, endpoint: 'https://central', certificateAuthority: 'Y2E=' };
    expect(sids({ cluster: { eks: known } })).toEqual([]);
    const assumed = { ...eks, roleArn: 'arn:aws:iam::333333333333:role/cluster' };
    expect(sids({ cluster: { eks: assumed } })).toEqual(['AssumeRoles']);
    expect(sids({ cluster: { inCluster: true } })).toEqual([]);
  });

  test('lists clusters where a job expects those of this account, once; a role that is assumed needs that itself', () => {
    const roleArn = 'arn:aws:iam::222222222222:role/reader';
    const jobs = (...expected: object[]) => settings({ jobs: [{ expect: expected }, {}] });
    const ours = { eks: { region: 'eu-west-1', name: '^prod-' } };
    const theirs = { eks: { region: 'eu-west-1', roleArn } };
    const ListClusters = {
      Sid: 'ListClusters',
      Effect: 'Allow',
      Action: ['eks:ListClusters'],
      Resource: ['*'],
    };
    expect(iamPolicy(jobs(ours, { eks: {} })).Statement).toEqual([ListClusters]);
    expect(iamPolicy(jobs(theirs)).Statement).toMatchObject([
      { Sid: 'AssumeRoles', Resource: [roleArn] },
    ]);
    expect(iamPolicy(jobs(theirs, ours)).Statement.map(({ Sid }) => Sid)).toEqual([
      'AssumeRoles',
      'ListClusters',
    ]);
    expect(iamPolicy(jobs({ file: 'clusters.txt' })).Statement).toEqual([]);
  });

  test('uses the given account and partition', () => {
    const china = { partition: 'aws-cn', account: '111111111111', region: 'cn-north-1' };
    const { Statement } = iamPolicy(settings({ cluster: { eks: { name: 'central' } } }), china);
    expect(Statement[0]!.Resource).toEqual([
      'arn:aws-cn:eks:cn-north-1:111111111111:cluster/central',
    ]);
  });

  test('needs nothing for record files', () => {
    expect(sids({})).toEqual([]);
    expect(zonesOf(settings({}))).toEqual([]);
  });
});

describe('the Role', () => {
  let keys = 0;
  const place = (namespace: string, name: string, more = {}) => ({
    configMap: { namespace, name, key: `${keys++}.json` },
    format: 'file_sd',
    ...more,
  });

  test('is one for each namespace, and names the objects', () => {
    const to = [place('b', 'two'), place('a', 'one'), place('b', 'one'), place('b', 'two')];
    const { items } = kubernetesRole(settings({ jobs: [{ to }] }));
    expect(
      items.map(({ kind, metadata }) => `${kind} ${(metadata as { namespace: string }).namespace}`),
    ).toEqual(['Role a', 'RoleBinding a', 'Role b', 'RoleBinding b']);
    expect(items[2]).toMatchObject({
      rules: [
        { resources: ['configmaps'], resourceNames: ['one', 'two'], verbs: ['get', 'patch'] },
      ],
    });
  });

  test('may create only where a place has create: true, and only that kind', () => {
    const secret = { secret: { namespace: 'a', name: 'one', key: 'a.json' }, format: 'file_sd' };
    const { items } = kubernetesRole(
      settings({ jobs: [{ to: [place('a', 'one', { create: true }), secret] }] }),
    );
    expect(items[0]).toMatchObject({
      rules: [
        { resources: ['configmaps'], resourceNames: ['one'], verbs: ['get', 'patch'] },
        { resources: ['configmaps'], verbs: ['create'] },
        { resources: ['secrets'], resourceNames: ['one'], verbs: ['get', 'patch'] },
      ],
    });
  });

  test('is empty where only files are written', () => {
    expect(kubernetesRole(settings({})).items).toEqual([]);
  });
});
