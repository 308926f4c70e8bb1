import { describeWith } from '../../../support/parts/available.ts';
import { startKubeApiserver } from '../../../support/parts/kube-apiserver.ts';
import { podsContract } from './pods-contract.ts';

describeWith('kube-apiserver', 'pods of a real API server', () => {
  podsContract(async () => {
    const syncerToken = 'syncer-token';
    const users = [{ name: 'syncer', token: syncerToken }];
    return { ...(await startKubeApiserver({ users })), syncerToken };
  });
});
