import { describe } from 'vitest';
import { startKubernetes } from '../../../support/emulators/kubernetes.ts';
import { podsContract } from './pods-contract.ts';

describe('pods of the emulated API server', () => {
  podsContract(async () => {
    const server = await startKubernetes();
    const syncerToken = server.addUser({ name: 'syncer' });
    return { ...server, syncerToken, stop: () => server.close() };
  });
});
