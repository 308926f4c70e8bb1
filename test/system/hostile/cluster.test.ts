import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { issueServerCertificate } from '../../support/emulators/wire/certificate.ts';
import { World } from '../faults/world.ts';

// What EKS says of the cluster decides whom our token is sent to.

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.close());
beforeEach(() => world.emulators.faults.clear());

const cluster = () => {
  const { kubernetes, cluster: name } = world.emulators;
  const { url: endpoint, certificateAuthority } = kubernetes;
  return { name, region: 'eu-west-1', endpoint, certificateAuthority };
};

test.each<[string, () => object, RegExp]>([
  [
    'without TLS',
    () => ({ endpoint: cluster().endpoint.replace('https', 'http') }),
    /^cluster-invalid$/,
  ],
  ['of a file', () => ({ endpoint: 'file:///etc/passwd' }), /^cluster-invalid$/],
  ['of no scheme that there is', () => ({ endpoint: 'javascript:alert(1)' }), /^cluster-invalid$/],
  ['of nowhere', () => ({ endpoint: 'https://' }), /^(cluster-invalid|kubernetes-unreachable)$/],
  [
    "that another authority's certificate shows",
    () => ({ certificateAuthority: issueServerCertificate().authority.certificate }),
    /^kubernetes-unreachable$/,
  ],
  [
    'whose authority is no certificate',
    () => ({
      certificateAuthority: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    }),
    /^(cluster-invalid|kubernetes-unreachable)$/,
  ],
  [
    'whose authority is nothing',
    () => ({ certificateAuthority: ' ' }),
    /^(cluster-invalid|kubernetes-unreachable)$/,
  ],
])('an endpoint %s gets no token', async (_, changed, code) => {
  world.emulators.aws.eks.putCluster({ ...cluster(), ...changed() });
  const { outcome, said } = await world.run('ConfigMap', world.connect('ConfigMap'));
  expect(outcome.fault?.code).toMatch(code);
  expect(world.emulators.faults.calls.filter(({ service }) => service === 'kubernetes')).toEqual(
    [],
  );
  expect(world.secrets.in(said)).toEqual([]);
});
