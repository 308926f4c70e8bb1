import { afterEach, expect, test, vi } from 'vitest';
import { Aws } from '../../../../src/aws/clients.ts';
import { eksClusters } from '../../../../src/commands/init/eks-clusters.ts';
import type { Clusters } from '../../../../src/coverage/clusters.ts';
import { Fault } from '../../../../src/fault.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const run = { signal: AbortSignal.timeout(20_000) };
const zones = { cluster: undefined, sources: [{ zone: 'Z1' }] };

/** With AWS_REGION as given, and these clusters in every Region. */
function listed(region: string, list: Clusters['list']) {
  vi.stubEnv('AWS_REGION', region);
  vi.stubEnv('AWS_DEFAULT_REGION', '');
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
  return eksClusters(zones, { aws: new Aws(), clusters: { list } }, run);
}

test.each([
  [new Fault('clusters-forbidden', 'could not list'), 'eks:ListClusters is denied'],
  [new Fault('deadline', 'the run timed out'), 'EKS in eu-west-1 did not answer within 10 s'],
  [new Fault('aws-unavailable', 'could not connect'), 'could not connect'],
])('%s is why nothing is proposed', async (fault, whyNot) => {
  expect(await listed('eu-west-1', () => Promise.reject(fault))).toEqual({ whyNot });
});

test('the listing has a time limit of its own', async () => {
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
  const aborted = vi.fn<(aborted: boolean) => void>();
  const answer = await listed('eu-west-1', async (_, { signal }) => {
    aborted(signal.aborted);
    return ['a'];
  });
  expect(answer).toEqual({ region: 'eu-west-1', names: ['a'] });
  expect(timeout).toHaveBeenCalledWith(10_000);
  expect(aborted).toHaveBeenCalledWith(true);
});

test('without a Region, nothing is listed', async () => {
  const list = vi.fn<Clusters['list']>();
  expect(await listed('', list)).toBeUndefined();
  expect(list).not.toHaveBeenCalled();
});
