import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server as TcpServer } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../../src/fault.ts';
import { signInBy } from '../../../../src/objects/cluster/kubeconfig.ts';
import type { Call } from '../../../../src/objects/kubernetes/call.ts';
import {
  KubernetesClient,
  type KubernetesOptions,
} from '../../../../src/objects/kubernetes/client.ts';
import type { Run } from '../../../../src/run.ts';
import { type Kubernetes, startKubernetes } from '../../../support/emulators/kubernetes.ts';
import { issueServerCertificate } from '../../../support/emulators/wire/certificate.ts';
import { quick, run } from '../contract.ts';

let server: Kubernetes;
beforeAll(async () => {
  server = await startKubernetes();
  server.put({ kind: 'ConfigMap', metadata: { namespace: 'monitoring', name: 'central' } });
});
afterAll(() => server.close());
beforeEach(() => server.faults.clear());

const path = '/api/v1/namespaces/monitoring/configmaps/central';
const get: Call = { method: 'GET', path, to: 'get it', safeToRepeat: true };
const patch: Call = { method: 'PATCH', path, body: {}, to: 'patch it', safeToRepeat: false };
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A KubeConfig for the server, with what a test wants otherwise. */
function configOf(cluster: object = {}, user: object = {}): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    {
      name: 'central',
      server: server.url,
      caData: base64(server.certificateAuthority),
      skipTLSVerify: false,
      ...cluster,
    },
    { name: 'admin', token: server.adminToken, ...user },
  );
  return config;
}

async function trying<T>(
  config: () => KubeConfig,
  work: (client: KubernetesClient) => Promise<T>,
  options: Partial<KubernetesOptions> = {},
): Promise<T> {
  const access = {
    signIn: (run: Run) => signInBy(config(), run),
    renew: () => undefined,
  };
  const client = new KubernetesClient(access, { ...quick, ...options });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

const faultOf = (config: KubeConfig, call = get, options: Partial<KubernetesOptions> = {}) =>
  trying(
    () => config,
    (client) => client.call(call, run),
    options,
  ).then(
    () => expect.fail('no fault'),
    (error): Fault => {
      expect(error).toBeInstanceOf(Fault);
      return error;
    },
  );

describe('one TLS handshake', () => {
  test('is enough for many calls, even if each is signed again', async () => {
    const before = server.handshakes();
    await trying(configOf, async (client) => {
      for (const call of [get, get, patch, get]) {
        const contentType = 'application/merge-patch+json';
        await client.call(call === patch ? { ...patch, contentType } : call, run);
      }
    });
    expect(server.handshakes() - before).toBe(1);
    expect(server.faults.calls).toHaveLength(4);
  });
});

describe('a server that is not trusted is not reached', () => {
  const foreign = () => base64(issueServerCertificate().authority.certificate);

  test.each<[string, () => object, RegExp]>([
    [
      'another authority',
      () => ({ caData: foreign() }),
      /not signed by the cluster's certificate authority/,
    ],
    [
      'no authority',
      () => ({ caData: undefined }),
      /not signed by the cluster's certificate authority/,
    ],
    ['an authority that is not PEM', () => ({ caData: base64('no PEM') }), /not signed by/],
    [
      'another name',
      () => ({ tlsServerName: 'other.example' }),
      /certificate is not valid for 127\.0\.0\.1/,
    ],
  ])('%s', async (_, cluster, message) => {
    const before = server.connections();
    const fault = await faultOf(configOf(cluster()));
    expect(fault).toMatchObject({
      code: 'kubernetes-unreachable',
      message: expect.stringMatching(message),
      remedy: expect.stringContaining('certificateAuthority'),
    });
    expect(server.connections() - before).toBe(1);
    expect(server.faults.calls).toHaveLength(0);
  });

  test('with a client certificate that is not PEM: the cluster is invalid', async () => {
    const fault = await faultOf(configOf({}, { certData: base64('no'), keyData: base64('no') }));
    expect(fault).toMatchObject({ code: 'cluster-invalid', retryable: false });
  });

  test('with a certificate file that is missing: the cluster is invalid', async () => {
    const fault = await faultOf(configOf({ caData: undefined, caFile: '/no/such/ca.crt' }));
    expect(fault.code).toBe('cluster-invalid');
    expect(fault.message).toContain('/no/such/ca.crt');
  });

  test('over plain HTTP unless verification is turned off', async () => {
    const fault = await faultOf(configOf({ server: 'http://127.0.0.1:1' }));
    expect(fault).toMatchObject({ code: 'cluster-invalid' });
  });
});

describe('a server is reached', () => {
  test.each<[string, object]>([
    ['by a name that the kubeconfig gives it', { tlsServerName: 'kubernetes.default.svc' }],
    [
      'without verification, where the kubeconfig says so',
      { caData: undefined, skipTLSVerify: true },
    ],
  ])('%s', async (_, cluster) => {
    await trying(
      () => configOf(cluster),
      (client) => client.call(get, run),
    );
    expect(server.faults.calls).toHaveLength(1);
  });

  test('through the proxy that the kubeconfig names', async () => {
    const asked: string[] = [];
    const proxy = createHttpServer();
    proxy.on('connect', (request, socket, head) => {
      asked.push(request.url ?? '');
      const upstream = connect(server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    const port = await listening(proxy);
    const config = configOf({ proxyUrl: `http://127.0.0.1:${port}` });
    await trying(
      () => config,
      (client) => client.call(get, run),
    );
    proxy.closeAllConnections();
    proxy.close();
    expect(asked).toEqual([`127.0.0.1:${server.port}`]);
  });
});

describe('a server that never finishes the handshake', () => {
  let silent: TcpServer;
  let url: string;
  beforeAll(async () => {
    silent = createServer((socket) => socket.on('error', () => undefined));
    url = `https://127.0.0.1:${await listening(silent)}`;
  });
  afterAll(() => silent.close());

  test('is unreachable, for a change too: it was not sent', async () => {
    const options = { connectTimeout: 30, attempts: 2 };
    const fault = await faultOf(configOf({ server: url }), patch, options);
    expect(fault).toMatchObject({ code: 'kubernetes-unreachable', retryable: true });
    expect(fault.message).toContain('timed out');
  });
});

async function listening(tcp: TcpServer): Promise<number> {
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  return (tcp.address() as AddressInfo).port;
}
