import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { main } from '../../../src/commands/main.ts';
import { folderWith, prometheusYml, run, zoneOf } from './run.ts';

const SETTINGS = {
  jobs: [
    {
      job: 'federate',
      from: [{ records: 'zone.json' }],
      select: { name: '\\.example\\.com$' },
      to: { file: 'prometheus.yml' },
    },
  ],
};
const ZONE = zoneOf('prometheus1.example.com.', 'prometheus2.example.com.', '\\052.example.com. A');
const BEFORE = prometheusYml('prometheus1.example.com. clusterID=prometheus1');

const folderOf = (files: Record<string, string | object> = {}) =>
  folderWith({
    'federation-sync.yml': SETTINGS,
    'zone.json': ZONE,
    'prometheus.yml': BEFORE,
    ...files,
  });
const written = (folder: string) => readFileSync(join(folder, 'prometheus.yml'), 'utf8');
const hosts = (count: number) => Array.from({ length: count }, (_, i) => `c${i}.example.com.`);

describe('sync', () => {
  test('writes, says what it did, and the second time has nothing to do', async () => {
    const folder = folderOf();
    expect(await run(folder, ['sync'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: `federate  file:prometheus.yml
  + prometheus2.example.com.  clusterID=prometheus2  (zone.json CNAME, from[0])
  ! \\052.example.com. A skipped: wildcard, a wildcard does not name one server
  written: 1 added, 0 removed, 0 changed; 3 record sets, 2 targets, 1 skipped
`,
    });
    expect(written(folder)).toContain('prometheus2.example.com.');
    const again = await run(folder, ['sync']);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toContain('unchanged: 0 added, 0 removed, 0 changed');
  });

  test('reports the same as JSON, with nothing else on stdout', async () => {
    const { json, stderr } = await run(folderOf(), ['sync', '--json']);
    expect(stderr).toBe('');
    expect(json).toEqual({
      jobs: [
        {
          name: 'federate',
          to: 'file:prometheus.yml',
          status: 'written',
          forced: false,
          records: 3,
          targets: 2,
          added: ['prometheus2.example.com.'],
          removed: [],
          changed: [],
          withheld: [],
          kept: [],
          skipped: [
            {
              record: '\\052.example.com.',
              type: 'A',
              code: 'wildcard',
              reason: 'a wildcard does not name one server',
            },
          ],
          warnings: [],
        },
      ],
    });
  });
});

describe('plan', () => {
  test('says what sync would do, and does not do it', async () => {
    const folder = folderOf();
    const planned = await run(folder, ['plan']);
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(planned.stdout).toContain('  + prometheus2.example.com.  clusterID=prometheus2');
    expect(planned.stdout).toContain('planned: 1 added');
    expect(written(folder)).toBe(BEFORE);
  });

  test('tells changes of labels and of addresses apart from additions and removals', async () => {
    const yml = prometheusYml(
      'prometheus1.example.com. clusterID=one',
      'prometheus2.example.com:80 clusterID=prometheus2',
      'prometheus3.example.com. clusterID=prometheus3',
    );
    const { stdout, json } = await run(folderOf({ 'prometheus.yml': yml }), ['plan', '--json']);
    expect(stdout).not.toContain('scrape_interval');
    expect(json.jobs[0]).toMatchObject({
      status: 'planned',
      added: [],
      removed: ['prometheus3.example.com.'],
      changed: [
        {
          target: 'prometheus1.example.com.',
          from: { clusterID: 'one' },
          to: { clusterID: 'prometheus1' },
        },
        {
          target: 'prometheus2.example.com.',
          from: { __address__: 'prometheus2.example.com:80', clusterID: 'prometheus2' },
          to: { __address__: 'prometheus2.example.com.', clusterID: 'prometheus2' },
        },
      ],
    });
    const { stdout: text } = await run(folderOf({ 'prometheus.yml': yml }), ['plan']);
    expect(text).toContain('  - prometheus3.example.com.  clusterID=prometheus3\n');
    expect(text).toContain('  ~ prometheus1.example.com.  clusterID=one -> clusterID=prometheus1');
    expect(text).toContain(
      '  ~ prometheus2.example.com:80 -> prometheus2.example.com.  clusterID=',
    );
  });

  test('exits 2 with --detailed-exitcode where differences are pending, 0 where there are none', async () => {
    const folder = folderOf();
    expect(await run(folder, ['plan', '--detailed-exitcode'])).toMatchObject({ code: 2 });
    await run(folder, ['sync']);
    expect(await run(folder, ['plan', '--detailed-exitcode'])).toMatchObject({ code: 0 });
  });

  test('shows nothing of the document around the list', async () => {
    const yml = `remote_write: [{ url: http://x, basic_auth: { password: hunter2 } }]\n${BEFORE}`;
    const { stdout, stderr } = await run(folderOf({ 'prometheus.yml': yml }), [
      'plan',
      '--verbose',
    ]);
    expect(stdout + stderr).not.toContain('hunter2');
  });

  test('lets no text of a document control the terminal', async () => {
    const yml = prometheusYml().replace(
      'static_configs: []',
      'static_configs: [{ targets: ["a\\e[31m\\nb\\x9b"], labels: { x: "\\u0007" } }]',
    );
    const { stdout } = await run(folderOf({ 'prometheus.yml': yml }), ['plan']);
    expect(stdout).toContain('- a\\u001b[31m\\u000ab\\u009b  x=\\u0007\n');
  });
});

describe('the guard', () => {
  const guarded = () =>
    folderOf({ 'prometheus.yml': prometheusYml(...hosts(10)), 'zone.json': zoneOf(...hosts(5)) });

  test.each([['sync'], ['plan'], ['plan', '--detailed-exitcode'], ['render']])(
    'ends %s %s with exit code 3, and one line on stderr',
    async (...args) => {
      const folder = guarded();
      const { code, stderr } = await run(folder, args);
      expect(code).toBe(3);
      expect(stderr).toBe(
        'error: federate: guard-max-removed: 5 of 10 targets would be removed, and maxRemoved is 20%: c5.example.com, c6.example.com, c7.example.com, c8.example.com, c9.example.com. If they should be removed: federation-sync sync --job federate --force\n',
      );
      for (const host of hosts(10)) expect(written(folder)).toContain(host);
    },
  );

  test('tells its refusal as JSON', async () => {
    const { json, code } = await run(guarded(), ['sync', '--json']);
    expect(code).toBe(3);
    expect(json.jobs[0]).toMatchObject({
      status: 'refused',
      removed: [],
      withheld: hosts(10).slice(5),
    });
    expect(json.jobs[0].error).toEqual({
      code: 'guard-max-removed',
      message: expect.stringContaining('5 of 10'),
      remedy: expect.stringContaining('--job federate --force'),
      retryable: false,
    });
  });

  test('is overridden for the jobs that are named', async () => {
    const folder = guarded();
    const { code, json } = await run(folder, ['sync', '--job', 'federate', '--force', '--json']);
    expect(code).toBe(0);
    expect(json.jobs[0]).toMatchObject({ status: 'written', forced: true });
    expect(written(folder)).not.toContain('c9.example.com.');
  });

  test('is never overridden for all jobs at once', async () => {
    const folder = guarded();
    const { code, stderr } = await run(folder, ['sync', '--force']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: usage: --force requires --job.*\n$/);
    expect(written(folder)).toBe(prometheusYml(...hosts(10)));
  });
});

describe('several jobs', () => {
  const job = (name: string, more: object = {}) => ({
    ...SETTINGS.jobs[0],
    name,
    to: { file: `${name}.json`, format: 'file_sd', create: true },
    ...more,
  });
  const folder = () =>
    folderOf({
      'federation-sync.yml': {
        jobs: [job('a'), job('b', { from: [{ records: 'missing.json' }] }), job('c')],
      },
    });

  test('fail one by one', async () => {
    const place = folder();
    const { code, stderr, json } = await run(place, ['sync', '--json']);
    expect(code).toBe(1);
    expect(json.jobs.map(({ status }: { status: string }) => status)).toEqual([
      'written',
      'failed',
      'written',
    ]);
    expect(stderr.split('\n')).toHaveLength(2);
    expect(stderr).toMatch(
      /^error: b: records-unreadable: .*missing\.json.* Write the file with: aws/,
    );
    expect(existsSync(join(place, 'b.json'))).toBe(false);
  });

  test('may be named one by one', async () => {
    const { code, json } = await run(folder(), ['sync', '--job', 'c', '--job=a', '--json']);
    expect(code).toBe(0);
    expect(json.jobs.map(({ name }: { name: string }) => name)).toEqual(['a', 'c']);
  });

  test('a failure weighs more than a refusal', async () => {
    const place = folder();
    await run(place, ['sync']);
    writeFileSync(join(place, 'zone.json'), JSON.stringify(zoneOf()));
    expect(await run(place, ['sync'])).toMatchObject({ code: 1 });
    expect(await run(place, ['sync', '--job', 'a'])).toMatchObject({ code: 3 });
  });
});

describe('an error', () => {
  test.each<[string, Record<string, string | object>, string[], RegExp]>([
    ['of usage', {}, [], /^error: usage: no command was given\. Use one of: sync, plan, /],
    ['of a command', {}, ['snyc'], /^error: usage: unknown command snyc\. Did you mean sync\?/],
    ['of a command like constructor', {}, ['constructor'], /^error: usage: unknown command/],
    ['of a flag', {}, ['sync', '--forse'], /^error: usage: .*--forse.* Did you mean --force\?/],
    [
      'of a flag without value',
      {},
      ['sync', '--job'],
      /^error: usage: .*--job.*Run federation-sync/,
    ],
    [
      "of another command's flag",
      {},
      ['sync', '--prometheus', 'x'],
      /does not support --prometheus\. See/,
    ],
    ['of an operand', {}, ['sync', 'federate'], /^error: usage: .*federate\. See/],
    [
      'of a job',
      {},
      ['plan', '--job', 'x'],
      /^error: job-unknown: the settings have no job x; they have federate\. Name one/,
    ],
    [
      'of no settings',
      {},
      ['plan', '--config', 'no.yml'],
      /^error: settings-missing: no\.yml cannot be read \(ENOENT\)\. Write/,
    ],
    [
      'of a broken document',
      { 'prometheus.yml': 'scrape_configs: [' },
      ['plan'],
      /^error: federate: document-broken: /,
    ],
    [
      'of a job that is not there',
      { 'prometheus.yml': prometheusYml().replace('federate', 'fed') },
      ['plan'],
      /^error: federate: job-missing: /,
    ],
    [
      'of a cut export',
      { 'zone.json': '{"ResourceRecordSets": [' },
      ['plan'],
      /^error: federate: records-unreadable: .*is not JSON\. Write the file with/,
    ],
    [
      'of a part of an export',
      { 'zone.json': { ResourceRecordSets: [], NextToken: 'x' } },
      ['plan'],
      /is only part of the zone\. Export it again without/,
    ],
  ])('%s is one line with code and remedy, and exit code 1', async (_, files, args, line) => {
    const folder = folderOf(files);
    const before = written(folder);
    const { code, stdout, stderr } = await run(folder, args);
    expect(code).toBe(1);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).not.toContain('error');
    expect(written(folder)).toBe(before);
  });

  test('of the settings is one line each', async () => {
    const folder = folderOf({ 'federation-sync.yml': 'jobs: [{ job: federate, form: [] }]' });
    const { code, stdout, stderr } = await run(folder, ['sync']);
    expect([code, stdout]).toEqual([1, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines.every((line) => line.startsWith('error: settings-invalid: '))).toBe(true);
    expect(lines).toContain(
      'error: settings-invalid: federation-sync.yml: jobs[0].form: found "form"; expected one of: name, job, from, select, target, labels, also, expect, guard, keep, to',
    );
    expect(lines.at(-1)).toContain('Correct the settings');
  });

  test('shows where it came from only with --verbose, and nothing of what it failed on', async () => {
    const folder = folderOf({ 'prometheus.yml': 'password: hunter2\nscrape_configs: [' });
    const quiet = await run(folder, ['plan']);
    expect(quiet.stderr).not.toMatch(/^\s+at /m);
    const verbose = await run(folder, ['plan', '--verbose']);
    expect(verbose.stderr).toMatch(/^caused by Fault \(document-broken\)\n\s+at /m);
    expect(verbose.stderr).not.toContain('hunter2');
    const usage = await run(folder, ['sync', '--forse', '--verbose']);
    expect(usage.stderr).toMatch(/^\s+at /m);
  });
});

describe('--wait', () => {
  test.each([
    [['sync', '--wait', 'soon'], '--wait soon: use a duration such as 15s or 1m'],
    [['sync', '--wait', '15s'], '--wait: the settings name no server to wait for'],
    [['plan', '--wait', '15s'], 'plan does not support --wait'],
  ])('%j is refused before anything is written', async (args, message) => {
    const folder = folderOf();
    const before = readFileSync(join(folder, 'prometheus.yml'), 'utf8');
    const { code, stderr } = await run(folder, args);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`usage: ${message}`)]);
    expect(readFileSync(join(folder, 'prometheus.yml'), 'utf8')).toBe(before);
  });

  test('shows on a terminal what it waits for, and warns with the reason', async () => {
    const to = { file: 'prometheus.yml', prometheus: 'http://127.0.0.1:1' };
    const settings = { jobs: [{ ...SETTINGS.jobs[0], to }] };
    const folder = folderOf({ 'federation-sync.yml': settings });
    let shown = '';
    const write = (text: string) => {
      shown += text;
    };
    const stderr = { isTTY: true, write };
    const stdout = { write };
    const code = await main(['sync', '--wait', '1s'], { env: {}, folder, stdout, stderr });
    expect(code).toBe(0);
    expect(shown).toMatch(/waiting for http:\/\/127\.0\.0\.1:1 to load the list/);
    expect(shown).toMatch(
      /! not-loaded: not loaded within 1s: http:\/\/127\.0\.0\.1:1: connection refused; to see it/,
    );
    // Nothing of it stays on the screen.
    expect(shown).toContain('to load the list\r\x1b[2K');
  });
});

describe('on a terminal', () => {
  async function onTerminal(args: string[], env: Record<string, string> = {}) {
    let text = '';
    const stream = Object.assign(
      new Writable({
        write(chunk, _, done) {
          text += chunk;
          done();
        },
      }),
      { isTTY: true },
    );
    await main(args, { env, folder: folderOf(), stdout: stream, stderr: stream });
    return text;
  }

  test('additions are green', async () => {
    expect(await onTerminal(['plan'])).toContain('\x1b[32m  + prometheus2');
  });

  test('NO_COLOR is honoured, an empty one is none', async () => {
    expect(await onTerminal(['plan'], { NO_COLOR: '1' })).not.toContain('\x1b');
    expect(await onTerminal(['plan'], { NO_COLOR: '' })).toContain('\x1b[32m');
  });

  test('JSON has no colours', async () => {
    expect(await onTerminal(['plan', '--json'])).not.toContain('\x1b');
  });
});

test.each([['--help'], ['help'], ['-h']])('%s %s helps', async (...args) => {
  const { code, stdout, stderr } = await run(folderOf(), args);
  expect([code, stderr]).toEqual([0, '']);
  for (const word of ['sync', 'plan', 'render', '--config', '--detailed-exitcode', 'Exit codes']) {
    expect(stdout).toContain(word);
  }
});

test('COMMAND --help has its flags only', async () => {
  const { code, stdout, stderr } = await run(folderOf(), ['plan', '--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('Usage: federation-sync plan [flags]');
  expect(stdout).toContain('--detailed-exitcode');
  expect(stdout).not.toContain('--resolver');
  expect(await run(folderOf(), ['help', 'plan'])).toMatchObject({ code: 0, stdout });
});

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await run(folderOf(), ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
});
