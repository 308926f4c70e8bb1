import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cname } from '../../support/emulators/record-sets.ts';
import { folderWith } from '../../unit/commands/run.ts';
import { type ObjectKind, World } from './world.ts';

// The command line as a process of its own, with its own pauses and timeouts: a cell of the matrix per exit code.

const CLI = join(import.meta.dirname, '../../../src/cli.ts');

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.close());
beforeEach(async () => {
  for (const kind of ['ConfigMap', 'Secret'] as const) {
    await world.reset(kind);
    world.change(kind);
  }
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function cli(kind: ObjectKind, ...args: string[]): Promise<Ended> {
  const cwd = folderWith({ 'federation-sync.yml': world.rawSettings(kind) });
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, ...args],
      { cwd, env: { ...process.env, NO_COLOR: '1' }, timeout: 60_000 },
      (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
  });
}

const checkSaid = ({ stdout, stderr }: Ended) => {
  expect(world.secrets.in(stdout)).toEqual([]);
  expect(world.secrets.in(stderr)).toEqual([]);
  // One readable line each; what --verbose adds are names and places.
  expect(stderr).not.toContain('    at ');
};

test('0: throttled, then written', async () => {
  const throttled = { refuse: { status: 400, code: 'Throttling', message: 'Rate exceeded' } };
  world.emulators.faults.on({ operation: 'ListResourceRecordSets', times: 2 }, throttled);
  const ended = await cli('ConfigMap', 'sync', '--json');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(ended.stdout).jobs).toMatchObject([{ status: 'written' }]);
  expect(world.text('ConfigMap')).toBe(world.new);
  checkSaid(ended);
});

test('0: written, although the response was lost', async () => {
  world.emulators.faults.on({ operation: 'patch secrets' }, 'reset-after');
  const ended = await cli('Secret', 'sync');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(world.text('Secret')).toBe(world.new);
  expect(world.emulators.faults.of('patch secrets')).toHaveLength(1);
  checkSaid(ended);
});

test('1: the second page is forbidden', async () => {
  world.emulators.faults.on(
    { operation: 'ListResourceRecordSets', nth: 2, times: 9 },
    { refuse: { status: 403 } },
  );
  const ended = await cli('Secret', 'sync', '--json');
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/^error: federate: zone-forbidden: .+\n$/);
  expect(JSON.parse(ended.stdout).jobs).toMatchObject([{ error: { code: 'zone-forbidden' } }]);
  expect(world.text('Secret')).toBe(world.old);
  checkSaid(ended);
});

test('1: no credentials that AWS knows, told with --verbose', async () => {
  world.emulators.faults.on(
    { service: 'sts', times: 99 },
    { refuse: { status: 403, code: 'InvalidClientTokenId', message: 'invalid' } },
  );
  const ended = await cli('ConfigMap', 'sync', '--verbose');
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/^error: federate: aws-credentials: /m);
  expect(ended.stderr).toContain('\ncaused by ');
  expect(world.secrets.in(ended.stderr)).toEqual([]);
  expect(world.text('ConfigMap')).toBe(world.old);
});

test('2: differences, found at the second attempt', async () => {
  world.emulators.faults.on({ operation: 'get configmaps' }, { refuse: { status: 503 } });
  const ended = await cli('ConfigMap', 'plan', '--detailed-exitcode');
  expect(ended).toMatchObject({ code: 2, stderr: '' });
  expect(ended.stdout).toContain('+ p11.prometheus.internal.');
  expect(world.text('ConfigMap')).toBe(world.old);
  checkSaid(ended);
});

test('3: refused by the guard, after a connection that broke', async () => {
  const { route53 } = world.emulators.aws;
  const gone = route53.records(world.zone).filter(({ Type }) => Type === 'CNAME');
  route53.delete(world.zone, gone);
  world.emulators.faults.on({ operation: 'GetHostedZone' }, 'reset-before');
  for (const command of ['plan', 'sync']) {
    const ended = await cli('Secret', command);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/^error: federate: guard-min-targets: /);
    checkSaid(ended);
  }
  expect(world.text('Secret')).toBe(world.old);
  route53.upsert(world.zone, [cname('p01.prometheus.internal')]);
  const most = await cli('Secret', 'sync');
  expect(most.code).toBe(3);
  expect(most.stderr).toMatch(/^error: federate: guard-max-removed: /);
  expect(world.text('Secret')).toBe(world.old);
});
