import { describeWith } from '../../../support/parts/available.ts';
import { startKubeApiserver } from '../../../support/parts/kube-apiserver.ts';
import { kubernetesContract } from '../contract.ts';

describeWith('kube-apiserver', 'objects of a real API server', () => {
  kubernetesContract(async () => {
    const syncerToken = 'syncer-token';
    const users = [{ name: 'syncer', token: syncerToken }];
    return { ...(await startKubeApiserver({ users })), syncerToken };
  });
});
