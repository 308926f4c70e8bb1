import { execFile } from 'node:child_process';
import { findKubectl } from './found.ts';

/** How somebody proves who they are to an apiserver: what a kubeconfig's `user` may hold. */
export type KubeUser =
  | { token: string }
  | { certificate: string; key: string }
  | { exec: { command: string; args?: string[]; env?: Record<string, string> } };

export interface Kubeconfig {
  server: string;
  /** PEM; leave it out for a server without TLS. */
  certificateAuthority?: string;
  /** Nobody when left out: the request is anonymous. */
  user?: KubeUser;
  /** The name of the context, the cluster and the user. Default: central. */
  name?: string;
  namespace?: string;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

function credentials(user: KubeUser | undefined): object {
  if (!user) return {};
  if ('token' in user) return { token: user.token };
  if ('certificate' in user) {
    return {
      'client-certificate-data': base64(user.certificate),
      'client-key-data': base64(user.key),
    };
  }
  return {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: user.exec.command,
      args: user.exec.args ?? [],
      env: Object.entries(user.exec.env ?? {}).map(([name, value]) => ({ name, value })),
      interactiveMode: 'Never',
    },
  };
}

/** A kubeconfig's text. It is JSON, which every reader of YAML reads. */
export function kubeconfig(settings: Kubeconfig): string {
  const { server, certificateAuthority, user, name = 'central', namespace } = settings;
  const cluster = {
    server,
    ...(certificateAuthority && { 'certificate-authority-data': base64(certificateAuthority) }),
  };
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: credentials(user) }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace && { namespace }) } }],
    'current-context': name,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

export interface KubectlOptions {
  /** Its standard input, for `-f -`. */
  input?: string;
  env?: NodeJS.ProcessEnv;
}

/**
 * Runs kubectl with that kubeconfig file and gives what it printed.
 * @throws Error whose message is kubectl's own
 */
export function kubectl(
  kubeconfigFile: string,
  args: string[],
  options: KubectlOptions = {},
): Promise<string> {
  const program = findKubectl();
  if (!program) throw new Error('kubectl is missing: run test/support/parts/prepare.sh');
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      ['--kubeconfig', kubeconfigFile, ...args],
      { env: { ...process.env, ...options.env }, maxBuffer: 64 << 20, timeout: 60_000 },
      (error, stdout, stderr) => {
        if (error)
          reject(new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`, { cause: error }));
        else resolve(stdout);
      },
    );
    // kubectl may refuse its arguments before it has read its input.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}
