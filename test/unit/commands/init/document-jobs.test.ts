import { expect, test } from 'vitest';
import { jobsOf } from '../../../../src/commands/init/document-jobs.ts';
import { Fault } from '../../../../src/fault.ts';

test.each([
  ['', 'file_sd', ['']],
  ['[]', 'file_sd', ['']],
  ["- targets: ['a:80']", 'file_sd', ['']],
  ['- job_name: one\n- job_name: two\n', 'scrape_configs', ['one', 'two']],
  ['endpoints: []', 'thanos_endpoints', ['']],
  ['global: {}\nscrape_configs:\n- job_name: one\n', 'static_configs', ['one']],
  ['global: {}\n', 'static_configs', []],
])('%j is a document of %s', (text, format, names) => {
  const { format: found, jobs } = jobsOf(text, false);
  expect([found, jobs.map(({ job }) => job)]).toEqual([format, names]);
});

test('the targets of each job are read, and one that cannot be edited is reported', () => {
  const { jobs } = jobsOf(
    `scrape_configs:
- job_name: plain
  static_configs: [{ targets: ['a:80'], labels: { clusterID: a } }]
- job_name: shared
  static_configs: &shared []
- job_name: user
  static_configs: *shared
`,
    false,
  );
  expect(jobs[0]?.targets).toEqual([{ address: 'a:80', labels: { clusterID: 'a' } }]);
  expect(jobs.slice(1).every(({ targets }) => targets instanceof Fault)).toBe(true);
});

test('a document that is not YAML is broken, and its text is not repeated', () => {
  const password = 'hunter2';
  const broken = () => jobsOf(`a: [${password}`, false);
  expect(broken).toThrow(expect.objectContaining({ code: 'document-broken' }));
  expect(broken).not.toThrow(new RegExp(password));
});
