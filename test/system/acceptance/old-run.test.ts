import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { prometheusYml } from '../../support/fakes/world.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { type Account, LIST, SETTINGS, startAccount, ZONE } from '../../unit/lambda/account.ts';
import { spawned } from './cli.ts';

/*
 * An old run has listed the zone. Then a record goes and another comes, and a newer run writes that. When the
 * old run comes to its write, it must neither bring the one back nor drop the other.
 */

let account: Account;
let folder: string;
beforeAll(async () => {
  account = await startAccount();
  folder = temporaryFolder('old-run');
});
afterAll(async () => {
  removeFolder(folder);
  await account.close();
});
beforeEach(() => account.reset());

/** Each run is a process: nothing in memory could help them. */
async function run(to: object) {
  const [job] = SETTINGS.jobs;
  const { cluster } = SETTINGS;
  writeFileSync(
    join(folder, 'federation-sync.yml'),
    JSON.stringify({ cluster, jobs: [{ ...job, to }] }),
  );
  const { stdout } = await spawned(folder, ['sync', '--json'], account.env);
  return JSON.parse(stdout).jobs[0];
}

test.each<[string, object, () => string]>([
  [
    'a ConfigMap',
    { configMap: { namespace: 'monitoring', name: 'prometheus-server', key: 'prometheus.yml' } },
    () => account.list('federate').join(' '),
  ],
  [
    'a file',
    { file: 'prometheus.yml' },
    () =>
      [...readFileSync(join(folder, 'prometheus.yml'), 'utf8').matchAll(/- (\S+)\.$/gm)]
        .map(([, host]) => host)
        .join(' '),
  ],
])('an old run never overwrites a newer one: %s', async (_, to, list) => {
  writeFileSync(join(folder, 'prometheus.yml'), prometheusYml({ federate: ['a.internal'] }));
  // The hook of the first listing runs before the emulator takes it, so the old records are put back for it.
  let newer: { status: string } | undefined;
  account.faults.before({ operation: LIST }, async () => {
    account.zone(ZONE, 'a', 'c');
    newer = await run(to);
    account.zone(ZONE, 'a', 'b');
  });
  account.faults.before({ operation: LIST, nth: 3 }, () => account.zone(ZONE, 'a', 'c'));
  const old = await run(to);
  expect(newer).toMatchObject({ status: 'written', added: ['c.internal.'] });
  expect(old).toMatchObject({ status: 'unchanged' });
  expect(list()).toBe('a.internal c.internal');
});
