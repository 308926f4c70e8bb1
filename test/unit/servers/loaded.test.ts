import { expect, test } from 'vitest';
import { loadedList, poolsOf } from '../../../src/servers/loaded.ts';
import type { ListIdentity } from '../../../src/servers/server.ts';

const CONFIG = `
scrape_configs:
- job_name: federate
  static_configs:
  - targets:
    - a.example.com.
    labels:
      clusterID: a
- job_name: files
  file_sd_configs:
  - files:
    - /etc/config/targets.yaml
- job_name: globs
  file_sd_configs:
  - files:
    - /etc/extra/*.json
`;
const nothing = { active: [], dropped: [], forgotten: 0 };
const fileSd = (fileName: string, job = 'anything'): ListIdentity => ({
  format: 'file_sd',
  job,
  fileName,
});

test.each([
  [
    'the job of a static list',
    { format: 'static_configs', job: 'federate', fileName: 'x' },
    ['federate'],
  ],
  [
    'the job of a list of scrape configs',
    { format: 'scrape_configs', job: 'b', fileName: 'x' },
    ['b'],
  ],
  ['the jobs that read a file of that name', fileSd('targets.yaml'), ['files']],
  ['the jobs whose glob fits', fileSd('more.json'), ['globs']],
  ['the job of that name, where the file is called otherwise', fileSd('x.yml', 'files'), ['files']],
  ['any, where the configuration does not say', fileSd('x.yml'), undefined],
  ['any, where the job reads no files', fileSd('x.yml', 'federate'), undefined],
] as const)('the pools of a list are %s', (_, asked, pools) => {
  expect(poolsOf(CONFIG, asked)).toEqual(pools);
});

test('a static list is what the configuration in force says', () => {
  const asked = { format: 'scrape_configs', job: 'federate', fileName: 'jobs.yml' } as const;
  expect(loadedList(CONFIG, asked, nothing)).toEqual([
    { address: 'a.example.com.', labels: { clusterID: 'a' } },
  ]);
});

const found = (address: string, more: Record<string, string>) => ({
  discoveredLabels: { __address__: address, __scheme__: 'http', ...more },
  scrapePool: 'files',
  health: 'up',
  lastError: '',
});

test('the list of a file is what discovery found in it, without what Prometheus added', () => {
  const pool = {
    ...nothing,
    active: [
      found('a:1', { __meta_filepath: '/etc/config/targets.yaml', job: 'files', clusterID: 'a' }),
      found('b:1', { __meta_filepath: '/etc/config/others.yaml', job: 'files' }),
      found('c:1', { job: 'files' }),
    ],
    dropped: [found('d:1', { __meta_filepath: '/etc/config/targets.yaml', job: 'own' })],
  };
  expect(loadedList(CONFIG, fileSd('targets.yaml'), pool)).toEqual([
    { address: 'a:1', labels: { clusterID: 'a' } },
    { address: 'd:1', labels: { job: 'own' } },
  ]);
});

test('the list of a job from scrape_config_files shows in its targets alone', () => {
  const asked = { format: 'scrape_configs', job: 'elsewhere', fileName: 'jobs.yml' } as const;
  const pool = { ...nothing, active: [found('a:1', { job: 'files', clusterID: 'a' })] };
  expect(loadedList(CONFIG, asked, pool)).toEqual([{ address: 'a:1', labels: { clusterID: 'a' } }]);
});
