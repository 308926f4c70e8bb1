import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect as connectTo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { callerArn } from '../../../src/aws/identity.ts';
import { connect } from '../../../src/connect.ts';
import { EksAccess } from '../../../src/objects/cluster/eks.ts';
import { InClusterAccess } from '../../../src/objects/cluster/kubeconfig.ts';
import { KubernetesClient } from '../../../src/objects/kubernetes/client.ts';
import { DirectLink } from '../../../src/servers/direct.ts';
import { Prometheus } from '../../../src/servers/prometheus.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import { issueServerCertificate } from '../../support/emulators/wire/certificate.ts';
import { kubeconfig } from '../../support/parts/kubeconfig.ts';
import { folderWith, run as runCli } from '../../unit/commands/run.ts';

/*
 * A server that shows a certificate of another authority, while NODE_TLS_REJECT_UNAUTHORIZED=0 tells Node.js not to
 * verify. The command line refuses to run with it (test/system/night); here it is set behind its back, so that each
 * way out has to request verification by itself.
 */
const trusted = issueServerCertificate();
const impostors = issueServerCertificate();

let impostor: Server;
/** What the impostor got: method, path, credentials. */
const got: string[] = [];
let connections = 0;
let url: string;
let port: number;
/** A proxy that leads every connection to where it wants to go. */
let proxy: Server;
const run = { signal: AbortSignal.timeout(30_000) };

const listen = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

beforeAll(async () => {
  const { certificate: cert, key } = impostors.server;
  impostor = createTlsServer({ cert, key }, (request, response) => {
    got.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  impostor.on('connection', () => {
    connections += 1;
  });
  impostor.on('connect', (request, socket) => {
    got.push(`CONNECT ${request.headers['proxy-authorization']}`);
    socket.end();
  });
  port = await listen(impostor);
  url = `https://127.0.0.1:${port}`;
  proxy = createServer().on('connect', (_, client) => {
    const server = connectTo(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(server).pipe(client);
    });
    for (const socket of [client, server]) socket.on('error', () => undefined);
  });
  await listen(proxy);
});
beforeEach(() => {
  got.length = 0;
  connections = 0;
  const env = {
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIA1',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return () => vi.unstubAllEnvs();
});
afterAll(() => {
  for (const server of [impostor, proxy]) {
    server.closeAllConnections();
    server.close();
  }
});

const connection = (cluster: object | undefined, folder = '/') =>
  connect(checkSettings({ ...(cluster && { cluster }), jobs: [JOB] }, 'x', folder), {
    env: {},
    maxAttempts: 1,
    kubernetes: { attempts: 1 },
  });
const JOB = {
  job: 'a',
  from: [{ zone: 'Z1' }],
  select: { name: 'x' },
  to: { file: 'a.yml' } as object,
};
const { certificate: authority } = trusted.authority;
const eks = () => ({ name: 'central', endpoint: url, certificateAuthority: authority });

/** The way of kubectl; `change` edits the cluster of the kubeconfig. */
function byKubeconfig(change: object = {}, certificateAuthority: string | undefined = authority) {
  const config = JSON.parse(
    kubeconfig({
      server: url,
      user: { token: 'secret-token' },
      ...(certificateAuthority && { certificateAuthority }),
    }),
  );
  Object.assign(config.clusters[0].cluster, change);
  return folderWith({ config });
}
const getBy = (folder: string) =>
  connection({ kubeconfig: { path: 'config' } }, folder)
    .kubernetes()
    .request('GET', '/api', run);

const proxyUrl = (scheme = 'http') => {
  const { port: at } = (scheme === 'http' ? proxy : impostor).address() as AddressInfo;
  return { 'proxy-url': `${scheme}://user:secret@127.0.0.1:${at}` };
};

const ways: Record<string, () => Promise<unknown>> = {
  'an EKS cluster': () => connection({ eks: eks() }).kubernetes().request('GET', '/api', run),
  "a kubeconfig's cluster": () => getBy(byKubeconfig()),
  "a kubeconfig's cluster without an authority": () => getBy(byKubeconfig({}, '')),
  "a kubeconfig's cluster, through a proxy": () => getBy(byKubeconfig(proxyUrl())),
  "a kubeconfig's proxy": () => getBy(byKubeconfig(proxyUrl('https'))),
  "a kubeconfig's cluster without TLS, its proxy": () =>
    getBy(
      byKubeconfig({
        ...proxyUrl('https'),
        server: 'http://127.0.0.1:1',
        'insecure-skip-tls-verify': true,
      }),
    ),
  "the pod's own cluster": () => {
    const root = folderWith({});
    const mounted = join(root, 'var/run/secrets/kubernetes.io/serviceaccount');
    mkdirSync(mounted, { recursive: true });
    writeFileSync(join(mounted, 'token'), 'secret-token');
    writeFileSync(join(mounted, 'ca.crt'), authority);
    const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) };
    const client = new KubernetesClient(new InClusterAccess(env, root), { attempts: 1 });
    return client.request('GET', '/api', run);
  },
  'a Prometheus server': () => new Prometheus(new DirectLink({ url })).about(run),
  'Route 53': () => connection(undefined).route53.list({ zone: 'Z1' }, undefined, run),
  'STS, for a role': () => {
    const roleArn = 'arn:aws:iam::111122223333:role/reader';
    return connection(undefined).route53.list({ zone: 'Z1', roleArn }, undefined, run);
  },
  'STS, for who we are': () => callerArn(connection(undefined).aws, run),
  EKS: () =>
    connection({ eks: { name: 'central', region: 'eu-west-1' } })
      .kubernetes()
      .request('GET', '/', run),
  'STS, for a remedy': async () => {
    const client = connection(undefined).aws.eks({ region: 'eu-west-1' });
    expect(await new EksAccess(eks(), client).remedy(run)).toBeUndefined();
    throw new Error('none');
  },
};

describe('an impostor gets nothing, although Node.js does not verify certificates by itself', () => {
  test.each(Object.entries(ways))('in place of %s', async (_, send) => {
    await expect(send()).rejects.toThrow();
    expect(got).toEqual([]);
    expect(connections).toBeGreaterThan(0);
  });
});

test('insecure-skip-tls-verify of a kubeconfig is honoured, with a warning', async () => {
  const insecure = { 'insecure-skip-tls-verify': true };
  const folder = byKubeconfig(insecure, '');
  await expect(getBy(folder)).resolves.toEqual({});
  await expect(getBy(byKubeconfig({ ...insecure, ...proxyUrl() }, ''))).resolves.toEqual({});
  expect(got).toEqual(['GET /api Bearer secret-token', 'GET /api Bearer secret-token']);

  const to = { configMap: { namespace: 'm', name: 'p', key: 'k' } };
  const job = { ...JOB, from: [{ records: 'zone.json' }], to };
  const settings = { cluster: { kubeconfig: { path: 'config' } }, jobs: [job] };
  writeFileSync(join(folder, 'federation-sync.yml'), JSON.stringify(settings));
  writeFileSync(join(folder, 'zone.json'), '{"ResourceRecordSets": []}');
  const { stderr } = await runCli(folder, ['plan']);
  expect(stderr).toContain(
    `warning: the kubeconfig's cluster central has insecure-skip-tls-verify: anyone who answers at ${url} gets our credentials.`,
  );
  expect(stderr.match(/warning:/g)).toHaveLength(1);
});

test('nothing else in src opens connections', () => {
  const root = join(import.meta.dirname, '../../../src');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const opening = /from 'node:(https?|tls|net|http2)'|\bfetch\(|new \w*(Client|Agent)\(/;
  const found = files.filter((file) => {
    if (!file.endsWith('.ts')) return false;
    const text = readFileSync(join(root, file), 'utf8');
    return opening.test(text.replace(/^import (type .*|.*isIP.*)$/gm, ''));
  });
  expect(found.sort()).toEqual([
    'aws/clients.ts',
    'aws/event-path.ts', // with the options of aws/clients.ts
    'connect.ts', // KubernetesClient
    'http.ts',
    'objects/cluster/eks.ts', // STS, for a remedy
    'objects/kubernetes/client.ts', // agents that keep connections; each request says how to verify
  ]);
});
