import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resources, subscriptions } from '../../../infra/aws/from-settings.ts';
import { logicalId } from '../../../infra/aws/logical-id.ts';
import { settingsPath, whyNotDeployed } from '../../../infra/aws/settings.ts';
import { createService, type Service, settingsOfTwoAccounts, type Template } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await createService(settingsOfTwoAccounts);
});
afterAll(() => service.remove());

const notified = [
  '--param=email=ops@example.com',
  '--param=webhook={{resolve:secretsmanager:hook}}',
];
const packaged = async (...args: string[]): Promise<Template> =>
  (await service.package([...args, ...notified])).template;

// Each package takes seconds.
const templates = new Map<string, Promise<Template>>();
const ofStage = (stage: string) => {
  const template = templates.get(stage) ?? packaged('--stage', stage);
  templates.set(stage, template);
  return template;
};

/** Every text in a template that names something, except for what a person reads. */
function namesIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string')
    return value.includes('federation-sync') && !/Description|InputTemplate/.test(key)
      ? [value]
      : [];
  if (Array.isArray(value)) return value.flatMap((it) => namesIn(it, key));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, it]) => namesIn(it, name));
}

/** Physical names by logical id; those that CloudFormation makes up cannot collide. */
function physicalNames({ Resources }: Template): Record<string, string> {
  const names = Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const key = Object.keys(Properties).find((it) =>
      /^(?:Name|StatementId|(?:Alarm|Function|LogGroup|Queue|Role|Topic)Name)$/.test(it),
    );
    // An event source mapping and a permission refer to their function by name.
    if (!key || /EventSourceMapping|Permission|EventInvokeConfig/.test(Type)) return [];
    return [[id, `${Type} ${Properties[key]}`]];
  });
  return Object.fromEntries(names);
}

describe('two stages', () => {
  // Both have the tag and the service's name in the log, the file in the upload, and what the settings name.
  const isCommon = (name: string) =>
    ['federation-sync', 'federation-sync.zip'].includes(name) ||
    settingsOfTwoAccounts.includes(name);

  test.each([
    ['prod', 'staging'],
    ['prod', 'prod-eu'],
  ])('%s and %s share no name, no dimension and no pattern', async (one, other) => {
    const first = await ofStage(one);
    const second = await ofStage(other);
    const names = namesIn(first).filter((name) => !isCommon(name));
    expect(names.length).toBeGreaterThan(40);
    for (const name of names.filter((it) => !it.includes('/')))
      expect(name, name).toMatch(new RegExp(`federation-sync-${one}\\b`));
    const shared = new Set(namesIn(second));
    expect(names.filter((name) => shared.has(name))).toEqual([]);
    expect(Object.keys(first.Resources)).toEqual(Object.keys(second.Resources));
    const physical = Object.values(physicalNames(first));
    expect(new Set(physical).size).toBe(physical.length);
    expect(physical.length).toBeGreaterThan(20);
  });

  test('refuse names that end like the name of a resource of another stage, or that are too long', async () => {
    await expect(packaged('--stage', 'prod-dead-letters')).rejects.toThrow(/-dead-letters/);
    await expect(packaged('--stage', 'a'.repeat(40))).rejects.toThrow(/too long/);
  });

  test('have settings of their own, unless one file is named for both', () => {
    const { folder } = service;
    expect(settingsPath(folder, '', 'staging')).toBe('federation-sync.yml');
    expect(whyNotDeployed('federation-sync.yml', '', 'staging')).toContain(
      'federation-sync.staging.yml',
    );
    expect(whyNotDeployed('federation-sync.yml', '', 'prod')).toBeUndefined();
    expect(whyNotDeployed('federation-sync.yml', 'federation-sync.yml', 'staging')).toBeUndefined();
    writeFileSync(join(folder, 'federation-sync.staging.yml'), settingsOfTwoAccounts);
    expect(settingsPath(folder, '', 'staging')).toBe('federation-sync.staging.yml');
    expect(settingsPath(folder, '', 'prod')).toBe('federation-sync.yml');
    expect(whyNotDeployed('federation-sync.staging.yml', '', 'staging')).toBeUndefined();
  });
});

describe('a change of the settings', () => {
  interface Job {
    name?: string;
    job: string;
  }
  const parsed: { jobs: Job[] } = parse(settingsOfTwoAccounts);
  const [federate, probes] = parsed.jobs as [Job, Job];
  const added = {
    ...structuredClone(probes),
    name: 'more',
    to: [
      {
        secret: { namespace: 'monitoring', name: 'more', key: 'more.yaml' },
        format: 'scrape_configs',
      },
    ],
  };

  /** What serverless.yml gets from infra/aws/from-settings.ts, which is all that depends on the jobs. */
  async function derivedFrom(jobs: object[]): Promise<Template> {
    const path = join(service.folder, 'changed.yml');
    writeFileSync(path, JSON.stringify({ ...parsed, jobs }));
    const variables: Record<string, string> = {
      'param:settings': path,
      'param:silence': '20',
      'param:batchWindow': '60',
      'param:webhook': '{{resolve:secretsmanager:hook}}',
      'self:custom.name': 'federation-sync-prod',
      'self:custom.timeout': '120',
      'self:provider.region': 'eu-west-1',
      'sls:stage': 'prod',
    };
    const osls = { resolveVariable: async (expression: string) => variables[expression] ?? '' };
    const { Resources } = await resources(osls);
    return { Resources: { ...Resources, ...(await subscriptions(osls)).Resources }, Outputs: {} };
  }

  test.each([
    ['removes the first job', [probes]],
    ['adds a job before the others', [added, federate, probes]],
    ['renames a job', [{ ...federate, name: 'renamed' }, probes]],
    [
      'swaps the names of two jobs',
      [
        { ...federate, name: 'probes' },
        { ...probes, name: 'federate' },
      ],
    ],
    ['reorders the jobs', [probes, federate]],
  ])('that %s moves no physical name to another logical id', async (_, jobs) => {
    const before = physicalNames(await derivedFrom([federate, probes]));
    const after = physicalNames(await derivedFrom(jobs));
    const idOf = Object.fromEntries(Object.entries(before).map(([id, name]) => [name, id]));
    const kept = Object.entries(after).filter(([, name]) => name in idOf);
    expect(kept.length).toBeGreaterThan(15);
    for (const [id, name] of kept) expect(idOf[name], name).toBe(id);
  });

  test('of the jobs is in the package, too, from a file with an absolute path', async () => {
    const path = join(service.folder, 'one-job.yml');
    writeFileSync(path, JSON.stringify({ ...parsed, jobs: [probes] }));
    const before = physicalNames(await ofStage('prod'));
    const after = physicalNames(await packaged(`--param=settings=${path}`));
    expect(before).toMatchObject(after);
    const gone = Object.keys(before).filter((id) => !(id in after));
    expect(gone).toEqual([
      'BusFor222222222222',
      ...[
        ...['SilenceAlarm', 'RefusedAlarm', 'PausedAlarm', 'RepairedAlarm', 'NotLoadedAlarm'],
        ...['MissingAlarm', 'CoverageAlarm'],
      ].map((kind) => logicalId(kind, 'federate')),
    ]);
  });

  test('gives jobs with similar names different ids', () => {
    const ids = ['a-b', 'ab', 'a b', 'AB'].map((job) => logicalId('Alarm', job));
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]+$/);
  });
});

describe('the parameter settings', () => {
  const fails = async (path: string) => {
    const error = await service.osls(['package', `--param=settings=${path}`]).catch((it) => it);
    expect(error).toBeInstanceOf(Error);
    return (error as Error).message;
  };

  test.each([
    [
      'of a file that is missing',
      '/nowhere/settings.yml',
      undefined,
      /\/nowhere\/settings\.yml: cannot read .*ENOENT.*Set --param/,
    ],
    ['of faulty settings', 'faulty.yml', 'jobs: []\n', /settings-invalid: .*faulty\.yml.*Correct/],
    [
      'of a job whose name no alarm can have',
      'name.yml',
      settingsOfTwoAccounts.replace('probes', 'käse'),
      /job "käse"/,
    ],
  ])('%s is refused in one line, without a stack', async (_, path, text, message) => {
    if (text !== undefined) writeFileSync(join(service.folder, path), text);
    const printed = await fails(path);
    expect(printed).toMatch(message);
    expect(printed).not.toMatch(/^ +at /m);
  });
});
