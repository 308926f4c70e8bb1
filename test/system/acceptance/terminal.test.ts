import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { main } from '../../../src/commands/main.ts';
import { type Aws, startAws } from '../../support/emulators/aws.ts';
import { prometheusYml } from '../../support/fakes/world.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { zoneOf } from '../../unit/commands/run.ts';

let aws: Aws;
let folder: string;
const names = Array.from({ length: 5_000 }, (_, i) => `c${i}.internal.`);
beforeAll(async () => {
  aws = await startAws();
  aws.route53.createZone({ id: 'Z1', name: 'internal' });
  aws.route53.upsert(
    'Z1',
    names.slice(0, 700).map((Name) => ({ Name, Type: 'A', TTL: 1, ResourceRecords: [] })),
  );
  folder = temporaryFolder('terminal');
  writeFileSync(join(folder, 'prometheus.yml'), prometheusYml({ federate: [] }));
  writeFileSync(join(folder, 'zone.json'), JSON.stringify(zoneOf(...names)));
});
afterAll(async () => {
  removeFolder(folder);
  await aws.close();
});

const settings = (source: object) => {
  const job = { job: 'federate', from: [source], select: { name: '\\.internal$' } };
  const jobs = [{ ...job, to: { file: 'prometheus.yml' } }];
  writeFileSync(join(folder, 'federation-sync.yml'), JSON.stringify({ jobs }));
};

/** Plans with stderr on a terminal, or elsewhere; both outputs together. */
async function planned(isTTY: boolean): Promise<string> {
  let text = '';
  const stream = (terminal: boolean) =>
    Object.assign(
      new Writable({
        write(chunk, _, done) {
          text += chunk;
          done();
        },
      }),
      { isTTY: terminal },
    );
  const env = { AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const surroundings = { env: { ...env, NO_COLOR: '1' }, folder };
  await main(['plan'], { ...surroundings, stdout: stream(false), stderr: stream(isTTY) });
  vi.unstubAllEnvs();
  return text;
}

test('a long listing shows its progress to a person, and clears it before the answer', async () => {
  settings({ zone: 'Z1' });
  const text = await planned(true);
  const clear = '\r\x1b[2K';
  expect(text).toMatch(/^.{5}zone Z1: 300 record sets.{5}zone Z1: 600 record sets/s);
  expect(text).toContain(`zone Z1: 702 record sets${clear}federate  file:prometheus.yml\n`);
  expect(await planned(false)).toMatch(/^federate {2}file:prometheus\.yml\n/);
});

test('a retry shows to a person: what failed, why, which attempt of how many, seconds', async () => {
  settings({ zone: 'Z1' });
  const throttle = () =>
    aws.faults.on(
      { operation: 'GetHostedZone' },
      { refuse: { status: 400, code: 'Throttling', message: 'x' } },
    );
  throttle();
  expect(await planned(true)).toMatch(
    /^Route53 GetHostedZone \(attempt 1 of 5\): Throttling after \d+\.\d s\n/,
  );
  throttle();
  expect(await planned(false)).toMatch(/^federate/);
});

test('a reader that closes the pipe early is no error', async () => {
  settings({ records: 'zone.json' });
  const cli = join(import.meta.dirname, '../../../src/cli.ts');
  const child = spawn(process.execPath, [cli, 'plan'], { cwd: folder });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = await once(child, 'close');
  expect([code, stderr]).toEqual([0, '']);
});
