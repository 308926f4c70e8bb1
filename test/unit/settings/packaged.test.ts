import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { RefusedSettings, settingsFiles } from '../../../infra/aws/settings.ts';
import { readPackaged, taskRoot } from '../../../src/settings/packaged.ts';
import { parseSettings } from '../../../src/settings/parse.ts';
import { withTemplates } from '../../../src/settings/templates.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';

const infra = join(import.meta.dirname, '../../../infra');
const examples = readdirSync(infra).filter((name) => /\.yml$/.test(name));

const settings = `cluster: { eks: { name: central, region: eu-west-1 } }
jobs:
  - job: federate
    from: [{ zone: Z08214473FVAJ9QTLWTEC }]
    select: { name: '\\.prometheus\\.internal$' }
    labels: { clusterID: '{label}', note: ${taskRoot}/x }
    expect: [{ file: lists/clusters.txt }]
    to:
      - secret: { namespace: monitoring, name: scrape, key: scrape.yaml }
        format: scrape_configs
        create: true
        template: t/federate.yml
        prometheus: { url: 'https://prometheus.example', caFile: /etc/ca.pem, bearerToken: { file: token } }
`;

let source: string;
let folder: string;
beforeEach(() => {
  source = temporaryFolder('packaged-from');
  folder = temporaryFolder('packaged');
  for (const path of [join(source, 't'), join(source, 'lists'), folder]) {
    mkdirSync(path, { recursive: true });
  }
  onTestFinished(() => {
    removeFolder(source);
    removeFolder(folder);
  });
  writeFileSync(join(source, 'federation-sync.yml'), settings);
  writeFileSync(join(source, 't/federate.yml'), '- job_name: federate\n');
  writeFileSync(join(source, 'lists/clusters.txt'), 'prod-1\n');
});

/** As Lambda unpacks the zip. */
function unpack(): void {
  const files = settingsFiles(source, 'federation-sync.yml');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

describe('packaged settings', () => {
  test('are those of the file, with paths where the function is unpacked', async () => {
    unpack();
    const parsed = withTemplates(parseSettings(settings, 'federation-sync.yml', folder));
    const read = readPackaged(folder, {});
    const [job] = read!.jobs;
    expect(job!.from[0]!.labels.note).toBe(`${taskRoot}/x`);
    expect(JSON.parse(JSON.stringify(read)).jobs[0].to).toEqual(
      JSON.parse(JSON.stringify(parsed)).jobs[0].to,
    );
    expect(job!.to[0]!.template!.text).toBe('- job_name: federate\n');
    expect(job!.expect).toEqual([{ file: join(folder, 'lists/clusters.txt') }]);
  });

  test.each(examples)('of %s are the same as data', (name) => {
    const text = readFileSync(join(infra, name), 'utf8');
    if (!/^jobs:/m.test(text)) return;
    const parsed = parseSettings(text, name, taskRoot);
    // No value that JSON does not keep: undefined is the same as missing.
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed);
  });

  test('are refused when packaged, where they are faulty', () => {
    writeFileSync(join(source, 'federation-sync.yml'), 'jobs: []\n');
    expect(() => settingsFiles(source, 'federation-sync.yml')).toThrowError(RefusedSettings);
  });

  test('report the variables that they replace', async () => {
    unpack();
    const read = readPackaged(folder, { CLUSTER_NAME: 'other' });
    expect(read!.ignored).toEqual(['CLUSTER_NAME']);
  });

  test('are missing where the function was not packaged with them', async () => {
    expect(readPackaged(folder, {})).toBeUndefined();
  });

  test('that are not of the file next to them are refused: it was changed, or is gone', async () => {
    unpack();
    const file = join(folder, 'federation-sync.yml');
    writeFileSync(file, settings.replace('federate', 'federate2'));
    expect(() => readPackaged(folder, {})).toThrowError(
      expect.objectContaining({ code: 'settings-changed' }),
    );
    writeFileSync(file, settings);
    expect(readPackaged(folder, {})?.jobs).toHaveLength(1);
    removeFolder(file);
    expect(() => readPackaged(folder, {})).toThrowError(
      expect.objectContaining({ code: 'settings-changed' }),
    );
  });

  test('are refused where a variable names another file', async () => {
    unpack();
    const env = { FEDERATION_SYNC_CONFIG: 'other.yml' };
    expect(() => readPackaged(folder, env)).toThrowError(
      expect.objectContaining({
        code: 'settings-changed',
        message: expect.stringContaining('other.yml'),
      }),
    );
  });

  test('lack a template that is no longer there', async () => {
    unpack();
    removeFolder(join(folder, 't'));
    expect(() => readPackaged(folder, {})).toThrowError(
      expect.objectContaining({ code: 'settings-missing' }),
    );
  });
});
