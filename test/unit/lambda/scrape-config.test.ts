import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { changeEvent, scheduleEvent } from '../event/events.ts';
import { type Account, SETTINGS, startAccount, ZONE } from './account.ts';
import { deploy } from './deployed.ts';

let account: Account;
beforeAll(async () => {
  account = await startAccount();
});
afterAll(() => account.close());

test('the function creates a ScrapeConfig from its template, and writes its list from then on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'federation-sync-template-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const template = join(folder, 'template.yml');
  writeFileSync(
    template,
    'apiVersion: monitoring.coreos.com/v1alpha1\nkind: ScrapeConfig\nspec: { honorLabels: true }\n',
  );
  account.kubernetes.grant(
    { group: 'federation-sync' },
    {
      namespace: 'monitoring',
      verbs: ['get', 'patch', 'create'],
      apiGroups: ['monitoring.coreos.com'],
      resources: ['scrapeconfigs'],
    },
  );
  const scrapeConfig = { namespace: 'monitoring', name: 'federate' };
  const to = { scrapeConfig, create: true, template };
  const lambda = await deploy({ ...SETTINGS, jobs: [{ ...SETTINGS.jobs[0], to }] }, account.env);
  const spec = () => account.kubernetes.get('ScrapeConfig', 'monitoring', 'federate')?.spec;
  const group = (label: string) => ({
    targets: [`${label}.internal.`],
    labels: { clusterID: label },
  });

  expect(await lambda.invoke(changeEvent())).toMatchObject({
    jobs: [{ to: 'scrapeconfig/monitoring/federate', status: 'written' }],
  });
  expect(spec()).toEqual({ honorLabels: true, staticConfigs: [group('a'), group('b')] });
  account.zone(ZONE, 'a', 'b', 'c');
  expect(await lambda.invoke(changeEvent())).toMatchObject({
    jobs: [{ status: 'written', added: ['c.internal.'], removed: [] }],
  });
  expect(await lambda.invoke(scheduleEvent())).toMatchObject({ jobs: [{ status: 'unchanged' }] });
  expect(spec()).toEqual({
    honorLabels: true,
    staticConfigs: [group('a'), group('b'), group('c')],
  });
});
