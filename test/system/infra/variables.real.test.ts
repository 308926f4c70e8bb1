import { afterAll, beforeAll, expect, test } from 'vitest';
import { createService, type Service } from './service.ts';

const SETTINGS = `
cluster: { eks: { name: central } }
jobs:
  - name: leak-\${env:PIPELINE_TOKEN}
    job: federate
    from: [{ zone: Z08214473FVAJ9QTLWTEC }]
    select: { name: '[.]prometheus[.]internal$' }
    to: { configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml } }
`;

let service: Service;
beforeAll(async () => {
  service = await createService(SETTINGS);
});
afterAll(() => service.remove());

test('settings with a variable of the packager are refused, and its value is not printed', async () => {
  const failed = await service
    .osls(['package'], { PIPELINE_TOKEN: 'very-secret' })
    .then(() => 'packaged', String);
  expect(failed).toContain('jobs[0].name: found "leak-');
  expect(failed).toContain('which osls or CloudFormation would replace');
  expect(failed).not.toContain('very-secret');
});
