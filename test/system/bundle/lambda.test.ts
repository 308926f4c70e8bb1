import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { functionOptions } from '../../../infra/bundle/options.ts';
import { calls } from '../../bench/calls.ts';
import type { Section } from '../../bench/figures.ts';
import limits from '../../bench/limits.json' with { type: 'json' };
import { size } from '../../bench/size.ts';
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { type Built, build, deploy, type Form, root, runIn } from './build.ts';

const ROLE = 'arn:aws:iam::222222222222:role/reader';

let built: Built;
let emulators: Emulators;
let zone: string;
/** In another account. */
let otherZone: string;
beforeAll(async () => {
  built = await build();
  emulators = await startEmulators();
  const { route53 } = emulators.aws;
  zone = route53.createZone({ name: 'internal.' });
  otherZone = route53.createZone({ name: 'internal.', account: '222222222222' });
  const A = { Type: 'A' as const, TTL: 60, ResourceRecords: [{ Value: '10.0.0.1' }] };
  for (const id of [zone, otherZone]) {
    route53.upsert(id, [{ Name: 'a.prometheus.internal.', ...A }]);
  }
  emulators.aws.identity.addRole({ arn: ROLE });
  emulators.addAccessEntry(emulators.credentials.arn, { groups: ['system:masters'] });
}, 60_000);
afterAll(async () => {
  built?.remove();
  await emulators?.close();
});

interface Options {
  readonly zone?: string;
  readonly more?: string;
  readonly cluster?: string;
}

const settings = ({
  zone: id = zone,
  more = '',
  cluster = 'eks: { name: central }',
}: Options = {}) => `
cluster: { ${cluster} }
jobs:
  - name: federate
    from: [{ zone: ${id}${more} }]
    select: { name: '\\.prometheus\\.internal$' }
    to:
      configMap: { namespace: monitoring, name: targets, key: targets.yml }
      format: file_sd
`;

test('the bundle has no client that only the command line needs', () => {
  const { inputs } = JSON.parse(readFileSync(join(built.folder, 'index.meta.json'), 'utf8'));
  const clients = Object.keys(inputs).map((path) => /@aws-sdk\/client-([\w-]+)\//.exec(path)?.[1]);
  expect([...new Set(clients)].filter(Boolean).sort()).toEqual(['route-53', 'sts']);
});

const undici = (loaded: readonly string[]) => loaded.filter((name) => /undici/.test(name));

describe.each<Form>(['whole', 'packaged'])(
  'the function, %s, in a folder with nothing else',
  (form) => {
    const sync = (options?: Options, env: Record<string, string> = emulators.env) =>
      runIn(deploy(built, settings(options), form), env, {});

    test('loads, and exports its handler', async () => {
      const { exports, loaded } = await runIn(deploy(built, settings(), form));
      expect(exports).toContain('handler');
      expect(undici(loaded)).toEqual([]);
      expect(loaded).not.toContain('NativeModule internal/crypto/webcrypto');
    });

    test('syncs: AWS by credentials of the environment, EKS by a signed token, Kubernetes over TLS', async () => {
      emulators.kubernetes.put({
        kind: 'ConfigMap',
        metadata: { namespace: 'monitoring', name: 'targets' },
        data: { 'targets.yml': '[]\n' },
      });
      const { answer, loaded } = await sync();
      expect(answer).toMatchObject({
        jobs: [{ status: 'written', added: ['a.prometheus.internal.'] }],
      });
      expect(undici(loaded)).toEqual([]);
      // Each takes some milliseconds to load, for nothing that a sync needs.
      if (form === 'packaged') {
        for (const name of ['fs/promises', 'webstreams/readablestream', 'perf/performance']) {
          expect(loaded).not.toContain(`NativeModule internal/${name}`);
        }
      }
    });

    test('assumes the role of a zone', async () => {
      const before = emulators.faults.of('AssumeRole').length;
      const { answer } = await sync({ zone: otherZone, more: `, roleArn: '${ROLE}'` });
      expect(answer).toMatchObject({ jobs: [{ status: 'unchanged', records: 1 }] });
      expect(emulators.faults.of('AssumeRole').slice(before)).toHaveLength(1);
    });

    // The SDK's classes for these errors are left out.
    test.each([
      ['zone-missing', { zone: 'Z0000000000000' }],
      ['cluster-missing', { cluster: 'eks: { name: other }' }],
      ['role-forbidden', { more: ", roleArn: 'arn:aws:iam::222222222222:role/nobody'" }],
    ])('tells %s by the error’s name', async (code, options) => {
      expect((await sync(options)).error).toMatch(new RegExp(`^${code}: `));
    });

    test('tries again what is throttled', async () => {
      emulators.faults.on(
        { operation: 'ListResourceRecordSets' },
        { refuse: { status: 400, code: 'Throttling' } },
      );
      const { answer } = await sync();
      expect(answer).toMatchObject({ jobs: [{ status: 'unchanged', records: 1 }] });
    });

    test('says so where the environment holds no credentials', async () => {
      const { AWS_ACCESS_KEY_ID: _, ...env } = emulators.env;
      expect((await sync({}, env)).error).toMatch(/^aws-credentials: /);
    });
  },
);

test('the function in a single file signs in by a kubeconfig, but not in the ways that only the CLI has', async () => {
  const attempt = async (user: object, cluster: object = {}) => {
    const config = parse(emulators.kubernetes.kubeconfig());
    config.users[0].user = user;
    Object.assign(config.clusters[0].cluster, cluster);
    const folder = deploy(built, settings({ cluster: 'kubeconfig: { path: config }' }));
    writeFileSync(join(folder, 'config'), JSON.stringify(config));
    const { answer, error } = await runIn(folder, emulators.env, {});
    return error ?? answer;
  };
  const token = { token: emulators.kubernetes.adminToken };
  expect(await attempt(token)).toMatchObject({ jobs: [{ status: 'unchanged' }] });
  const oidc = { 'auth-provider': { name: 'oidc', config: {} } };
  expect(await attempt(oidc)).toMatch(
    /signing in by oidc is not part of the Lambda, only of the CLI/,
  );
  const socks = { 'proxy-url': 'socks5://127.0.0.1:1' };
  expect(await attempt(token, socks)).toMatch(/a SOCKS proxy is not part of the Lambda/);
});

describe('the budget', () => {
  const exact = ({ figures }: Section) =>
    figures.filter((figure) => figure.exact).map(({ id, value }) => ({ id, value }));
  const expectWithin = (figures: { id: string; value: number }[]) => {
    for (const { id, value } of figures) {
      expect(value, id).toBeLessThanOrEqual((limits as Record<string, number>)[id] ?? Number.NaN);
    }
  };

  test('of bytes holds, and nothing is in the bundle that does not belong there', () => {
    expectWithin(exact(size(built.folder)));
  });

  test('of calls and connections holds', async () => {
    expectWithin(exact(await calls()));
  }, 60_000);
});

describe('Node.js', () => {
  const major = Number.parseInt(process.versions.node, 10);

  test('is of the major version that Lambda runs the function with', () => {
    const { provider } = parse(readFileSync(join(root, 'serverless.yml'), 'utf8'));
    expect(provider.runtime).toBe(`nodejs${major}.x`);
  });

  test('is of the major version that the bundle is built for', () => {
    expect(functionOptions.target).toBe(`node${major}`);
  });
});
