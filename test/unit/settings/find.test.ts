import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findSettings } from '../../../src/settings/find.ts';

const env = {
  HOSTED_ZONE_ID: 'Z1',
  CLUSTER_NAME: 'central',
  CONFIG_MAP_NAME: 'prometheus-server',
  NAME_PATTERN: '.',
};
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, job: string) => {
  const text = `jobs: [{ job: ${job}, from: [{ records: zone.json }], select: { name: x }, to: { file: p.yml } }]`;
  writeFileSync(join(folder, name), text);
};
const jobNames = async (config?: string, variables = {}) =>
  (await findSettings(config, folder, variables)).jobs.map(({ name }) => name);

test('--config comes first, then FEDERATION_SYNC_CONFIG, federation-sync.yml, the environment', async () => {
  expect(await jobNames(undefined, env)).toEqual(['federate']);
  write('federation-sync.yml', 'file');
  expect(await jobNames(undefined, env)).toEqual(['file']);
  write('variable.yml', 'variable');
  const named = { ...env, FEDERATION_SYNC_CONFIG: 'variable.yml' };
  expect(await jobNames(undefined, named)).toEqual(['variable']);
  write('flag.yml', 'flag');
  expect(await jobNames('flag.yml', named)).toEqual(['flag']);
});

test('an empty FEDERATION_SYNC_CONFIG is none', async () => {
  expect(await jobNames(undefined, { ...env, FEDERATION_SYNC_CONFIG: '' })).toEqual(['federate']);
});

test("paths are relative to the settings' own file", async () => {
  mkdirSync(join(folder, 'conf'));
  write('conf/x.yml', 'x');
  const [job] = (await findSettings('conf/x.yml', folder, {})).jobs;
  expect(job?.from[0]?.source).toEqual({ records: join(folder, 'conf', 'zone.json') });
  expect(job?.to[0]?.location).toMatchObject({ path: join(folder, 'conf', 'p.yml') });
});

test("a template is read next to the settings' own file", async () => {
  mkdirSync(join(folder, 'conf'));
  const to = '{ file: p.yml, format: scrape_configs, create: true, template: t/blackbox.yml }';
  writeFileSync(
    join(folder, 'conf/x.yml'),
    `jobs: [{ job: x, also: [{ targets: ['a:1'] }], to: ${to} }]`,
  );
  const path = join(folder, 'conf/t/blackbox.yml');
  await expect(findSettings('conf/x.yml', folder, {})).rejects.toMatchObject({
    code: 'settings-missing',
    message: `the template ${path} cannot be read (ENOENT)`,
  });
  mkdirSync(join(folder, 'conf/t'));
  writeFileSync(path, '- job_name: x\n');
  const [job] = (await findSettings('conf/x.yml', folder, {})).jobs;
  expect(job).toMatchObject({ from: [], also: [{ address: 'a:1' }] });
  expect(job?.to[0]?.template).toEqual({ path, text: '- job_name: x\n' });
});

test('a file that is named and not there is no reason to look elsewhere', async () => {
  write('federation-sync.yml', 'file');
  await expect(findSettings('no.yml', folder, env)).rejects.toMatchObject({
    code: 'settings-missing',
    message: 'no.yml cannot be read (ENOENT)',
  });
  await expect(
    findSettings(undefined, folder, { FEDERATION_SYNC_CONFIG: 'no.yml' }),
  ).rejects.toMatchObject({
    code: 'settings-missing',
    message: 'no.yml cannot be read (ENOENT)',
  });
});

test('a file that cannot be read is no reason to look elsewhere', async () => {
  mkdirSync(join(folder, 'federation-sync.yml'));
  await expect(findSettings(undefined, folder, env)).rejects.toMatchObject({
    code: 'settings-missing',
    message: `${join(folder, 'federation-sync.yml')} cannot be read (EISDIR)`,
    cause: { code: 'EISDIR' },
  });
});

test('nothing at all says what could be there', async () => {
  await expect(findSettings(undefined, folder, {})).rejects.toMatchObject({
    code: 'settings-missing',
    message:
      'no federation-sync.yml in this folder, and HOSTED_ZONE_ID, CLUSTER_NAME, CONFIG_MAP_NAME and NAME_PATTERN are not set',
    remedy:
      'Write federation-sync.yml (federation-sync init), or name it with --config or FEDERATION_SYNC_CONFIG; in the Lambda, package it next to the bundle.',
  });
});

test.each([
  [undefined, 'federation-sync.yml'],
  ['x.yml', 'x.yml'],
])('faults of --config %s are those of %s', async (config, file) => {
  writeFileSync(join(folder, file), 'jobs: []');
  await expect(findSettings(config, folder, env)).rejects.toMatchObject({
    code: 'settings-invalid',
    message: `${file}: jobs: found []; expected at least one job`,
  });
});

test.each(['HOSTED_ZONE_ID', 'PROMETHEUS_HOSTED_ZONE_ID'])(
  '%s alone is not ignored',
  async (name) => {
    await expect(findSettings(undefined, folder, { [name]: 'Z1' })).rejects.toMatchObject({
      code: 'settings-invalid',
      details: expect.arrayContaining([expect.stringContaining('NAME_PATTERN')]),
    });
  },
);
