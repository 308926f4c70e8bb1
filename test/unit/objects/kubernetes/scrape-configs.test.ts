import { describe } from 'vitest';
import { startKubernetes } from '../../../support/emulators/kubernetes.ts';
import { scrapeConfigContract } from '../scrape-config-contract.ts';

describe('ScrapeConfigs of the emulated API server', () => {
  scrapeConfigContract(async () => {
    const server = await startKubernetes();
    const syncerToken = server.addUser({ name: 'syncer' });
    return { ...server, syncerToken, stop: () => server.close() };
  });
});
