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

test('a long listing shows its progress to a person, and clears it before the answer', async () => {
  settings({ zone: 'Z1' });
  let text = '';
  const terminal = (isTTY: boolean) =>
    Object.assign(
      new Writable({
        write(chunk, _, done) {
          text += chunk;
          done();
        },
      }),
      { isTTY },
    );
  const env = { AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const plan = (stderr: Writable) =>
    main(['plan'], { env: { ...env, NO_COLOR: '1' }, folder, stdout: terminal(false), stderr });
  await plan(terminal(true));
  const clear = '\r\x1b[2K';
  expect(text).toMatch(/^.{5}zone Z1: 300 record sets.{5}zone Z1: 600 record sets/s);
  expect(text).toContain(`zone Z1: 702 record sets${clear}federate  file:prometheus.yml\n`);
  text = '';
  await plan(terminal(false));
  expect(text).toMatch(/^federate {2}file:prometheus\.yml\n/);
  vi.unstubAllEnvs();
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
