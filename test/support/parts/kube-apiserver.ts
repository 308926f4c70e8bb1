import { randomBytes, randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { type Authority, createAuthority, createSigningKey } from './certificates.ts';
import { findEtcd, findKubeApiserver, findOpenssl } from './found.ts';
import { type KubectlOptions, type KubeUser, kubeconfig, kubectl } from './kubeconfig.ts';
import { freePort, type Running, ready, start, temporaryFolder } from './process.ts';

export interface KubeApiserverOptions {
  /** Bearer tokens that no static user has are asked about here (see eks-token-webhook.ts). */
  tokenWebhook?: { url: string };
  /** Users in addition to the administrator. Clients with certificates need no entry. */
  users?: { name: string; token: string; groups?: string[] }[];
  /**
   * For a node and controllers (node.ts, controllers.ts): pods need service accounts, a kubelet has no more rights
   * than its node needs, and `kubectl logs` reaches it.
   */
  nodes?: boolean;
  /** More flags of kube-apiserver, such as `--audit-…`. */
  flags?: string[];
}

/**
 * A control plane of etcd and kube-apiserver, with TLS and RBAC; no controllers, no nodes. So nobody
 * fills the aggregated roles (view, edit, admin) or makes service accounts: bind roles of your own.
 */
export interface KubeApiserver {
  readonly url: string;
  readonly port: number;
  /** Of the Service default/kubernetes: where pods expect the API server, on port 443. */
  readonly serviceAddress: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly certificateAuthority: string;
  /** In the group system:masters. */
  readonly adminToken: string;
  readonly authority: Authority;
  /** With which tokens of service accounts are signed. */
  readonly signingKeyFile: string;
  /** A kubeconfig's text; the administrator's when no user is given. `server` instead of `url`. */
  kubeconfig(user?: KubeUser, namespace?: string, server?: string): string;
  /** The same as a file, in the part's own folder. */
  kubeconfigFile(user?: KubeUser, namespace?: string): string;
  /** A client certificate, that authenticates as that user in these groups. */
  clientCertificate(user: string, groups?: string[]): KubeUser;
  /** Runs kubectl, as the administrator when no user is given. */
  kubectl(args: string[], options?: KubectlOptions & { user?: KubeUser }): Promise<string>;
  /** `kubectl apply` of a manifest in YAML or JSON. */
  apply(manifest: string | object): Promise<string>;
  /** A new namespace, with a name of its own when none is given. */
  namespace(name?: string): Promise<string>;
  /** Both programs' output, for a failing test. */
  output(): string;
  stop(): Promise<void>;
}

async function startEtcd(program: string): Promise<{ url: string; server: Running }> {
  const [client, peer] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${client}`;
  const folder = temporaryFolder('etcd');
  const server = start(
    program,
    [
      ...['--data-dir', join(folder, 'data'), '--log-level', 'error'],
      ...['--listen-client-urls', url, '--advertise-client-urls', url],
      ...['--listen-peer-urls', `http://127.0.0.1:${peer}`],
    ],
    { folder },
  );
  await ready('etcd', server, async () => (await fetch(`${url}/health`)).ok);
  return { url, server };
}

/** True when the apiserver says so to somebody whom it knows: not before RBAC's first roles exist. */
function isReady(url: string, ca: string, token: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ ca });
    get(`${url}/readyz`, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode === 200));
    }).once('error', reject);
  });
}

/** Takes some five seconds: start one for a suite, and give each test a namespace. */
export async function startKubeApiserver(
  options: KubeApiserverOptions = {},
): Promise<KubeApiserver> {
  const [etcdProgram, program] = [findEtcd(), findKubeApiserver()];
  if (!etcdProgram || !program || !findOpenssl()) {
    throw new Error(
      'etcd, kube-apiserver or openssl is missing: run test/support/parts/prepare.sh',
    );
  }
  const etcd = await startEtcd(etcdProgram);
  const folder = temporaryFolder('kube-apiserver');
  const authority = createAuthority(folder);
  // Not the same for two servers: a node gives the first address of the range to this machine. 198.18.0.0/15 is
  // reserved for tests of networks (RFC 2544).
  const services = `198.19.${randomInt(256)}`;
  const serviceAddress = `${services}.1`;
  const tls = authority.server('kube-apiserver', [serviceAddress]);
  const signing = createSigningKey(folder);
  const adminToken = randomBytes(16).toString('hex');
  const users = [
    { name: 'admin', token: adminToken, groups: ['system:masters'] },
    ...(options.users ?? []),
  ];
  const tokens = join(folder, 'tokens.csv');
  const rows = users.map(({ name, token, groups = [] }) =>
    [token, name, `uid-${name}`, `"${groups.join(',')}"`].join(','),
  );
  writeFileSync(tokens, `${rows.join('\n')}\n`, { mode: 0o600 });

  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const flags = [
    ...['--etcd-servers', etcd.url, '--bind-address', '127.0.0.1', '--secure-port', String(port)],
    ...['--tls-cert-file', tls.certificateFile, '--tls-private-key-file', tls.keyFile],
    ...['--client-ca-file', authority.certificateFile, '--token-auth-file', tokens],
    ...['--service-cluster-ip-range', `${services}.0/24`],
    ...['--service-account-issuer', 'https://kubernetes.default.svc'],
    ...['--service-account-key-file', signing.publicFile],
    ...['--service-account-signing-key-file', signing.privateFile],
    ...['--endpoint-reconciler-type', 'none'],
    ...(options.nodes ? nodeFlags(authority) : flagsWithoutNodes),
    ...webhookFlags(folder, options.tokenWebhook?.url),
    ...(options.flags ?? []),
  ];
  const server = start(program, flags, { folder });
  // Asked to end, kube-apiserver first waits for seconds; there is nothing to be kept.
  const stop = async () => {
    for (const one of [server, etcd.server]) one.signal('SIGKILL');
    await Promise.all([server.stop(), etcd.server.stop()]);
  };
  try {
    const look = () => isReady(url, authority.certificate, adminToken);
    await ready('kube-apiserver', server, look, 60_000);
  } catch (error) {
    await stop();
    throw error;
  }

  let files = 0;
  const admin: KubeUser = { token: adminToken };
  const text = (user: KubeUser = admin, namespace?: string, server = url) =>
    kubeconfig({ server, certificateAuthority: authority.certificate, user, namespace });
  const file = (user?: KubeUser, namespace?: string) => {
    files += 1;
    const path = join(folder, `kubeconfig-${files}`);
    writeFileSync(path, text(user, namespace), { mode: 0o600 });
    return path;
  };
  const adminFile = file();
  const run: KubeApiserver['kubectl'] = (args, { user, ...rest } = {}) =>
    kubectl(user ? file(user) : adminFile, args, {
      ...rest,
      env: { KUBECACHEDIR: join(folder, 'kubectl'), ...rest.env },
    });

  return {
    url,
    port,
    serviceAddress,
    certificateAuthority: authority.certificate,
    adminToken,
    authority,
    signingKeyFile: signing.privateFile,
    kubeconfig: text,
    kubeconfigFile: file,
    clientCertificate: (user, groups) => authority.client(user, groups),
    kubectl: run,
    apply: (manifest) =>
      run(['apply', '-f', '-'], {
        input: typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
      }),
    async namespace(name = `test-${randomBytes(4).toString('hex')}`) {
      await run(['create', 'namespace', name]);
      return name;
    },
    output: () => `${etcd.server.output()}${server.output()}`,
    stop,
  };
}

const flagsWithoutNodes = [
  ...['--authorization-mode', 'RBAC'],
  // Without controllers nobody would make the service accounts that this plugin waits for.
  ...['--disable-admission-plugins', 'ServiceAccount'],
];

function nodeFlags(authority: Authority): string[] {
  const { certificateFile, keyFile } = authority.client('kube-apiserver', ['system:masters']);
  return [
    ...['--authorization-mode', 'Node,RBAC', '--enable-admission-plugins', 'NodeRestriction'],
    ...['--kubelet-client-certificate', certificateFile, '--kubelet-client-key', keyFile],
    ...['--kubelet-preferred-address-types', 'InternalIP'],
  ];
}

function webhookFlags(folder: string, server: string | undefined): string[] {
  if (!server) return [];
  const path = join(folder, 'token-webhook.json');
  writeFileSync(path, kubeconfig({ server, name: 'token-webhook' }));
  return [
    ...['--authentication-token-webhook-config-file', path],
    ...['--authentication-token-webhook-version', 'v1'],
    // A cached verdict would hide what a test has changed.
    ...['--authentication-token-webhook-cache-ttl', '0s'],
  ];
}
