import { describe } from 'vitest';
import { startKubernetes } from '../emulators/kubernetes.ts';
import { kubernetesContract } from './contract.ts';

describe('objects of the emulated API server', () => {
  kubernetesContract(async () => {
    const server = await startKubernetes();
    const syncerToken = server.addUser({ name: 'syncer' });
    return { ...server, syncerToken, stop: () => server.close() };
  });
});
