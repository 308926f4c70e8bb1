import { accessSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { Fault } from '../../fault.ts';
import { type Run, withinRun } from '../../run.ts';
import type { ClusterAccess, ClusterEnvironment, SignedIn } from './access.ts';

/**
 * Signs in as kubectl does: by a kubeconfig's tokens, client certificates or exec plugin. The file is read
 * again when its credentials are refused, since `aws eks update-kubeconfig` and the like rewrite it.
 * Throws `cluster-invalid`.
 */
export class KubeconfigAccess implements ClusterAccess {
  readonly #wanted: { readonly path?: string; readonly context?: string };
  readonly #env: ClusterEnvironment;
  #config: KubeConfig | undefined;

  constructor(
    wanted: { readonly path?: string; readonly context?: string },
    env: ClusterEnvironment,
  ) {
    this.#wanted = wanted;
    this.#env = env;
  }

  async signIn(run: Run): Promise<SignedIn> {
    this.#config ??= load(this.#files(), this.#wanted.context);
    return signInBy(this.#config, run);
  }

  renew(): void {
    this.#config = undefined;
  }

  /** --kubeconfig's rules: the one that is named, or all of KUBECONFIG that exist, or the default one. */
  #files(): string[] {
    if (this.#wanted.path) return [this.#wanted.path];
    const { KUBECONFIG, HOME } = this.#env;
    if (KUBECONFIG) {
      const files = KUBECONFIG.split(delimiter).filter((file) => file && exists(file));
      if (files.length > 0) return files;
      throw new Fault('cluster-invalid', `KUBECONFIG names no file that exists: ${KUBECONFIG}`);
    }
    const home = HOME && join(HOME, '.kube', 'config');
    if (home && exists(home)) return [home];
    throw new Fault('cluster-invalid', 'no cluster is named, and there is no kubeconfig');
  }
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Signs in by the pod's service account, whose token file KubeConfig reads again every minute. Throws
 * `cluster-invalid` where there is none.
 */
export class InClusterAccess implements ClusterAccess {
  readonly #env: ClusterEnvironment;
  readonly #root: string;
  #config: KubeConfig | undefined;

  /** `root` stands before the folder that Kubernetes mounts. */
  constructor(env: ClusterEnvironment, root = '') {
    this.#env = env;
    this.#root = root;
  }

  async signIn(run: Run): Promise<SignedIn> {
    this.#config ??= this.#load();
    return signInBy(this.#config, run);
  }

  renew(): void {
    this.#config = undefined;
  }

  #load(): KubeConfig {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = this.#env;
    if (!host || !port) {
      const remedy =
        'cluster.inCluster is for pods; elsewhere name cluster.eks or cluster.kubeconfig.';
      throw new Fault('cluster-invalid', 'this does not run in a pod of a cluster', { remedy });
    }
    const config = new KubeConfig();
    // As its own loadFromCluster does, which looks into the process's environment alone.
    const tokenFile = join(this.#root, SERVICE_ACCOUNT, 'token');
    config.loadFromClusterAndUser(
      {
        name: 'inCluster',
        server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
        caFile: join(this.#root, SERVICE_ACCOUNT, 'ca.crt'),
        skipTLSVerify: false,
      },
      { name: 'serviceAccount', authProvider: { name: 'tokenFile', config: { tokenFile } } },
    );
    return config;
  }
}

function load(files: readonly string[], context: string | undefined): KubeConfig {
  const config = new KubeConfig();
  for (const [index, file] of files.entries()) {
    try {
      // Where files name the same things KubeConfig merges nothing, as kubectl would; it says so.
      if (index === 0) config.loadFromFile(file);
      else {
        const next = new KubeConfig();
        next.loadFromFile(file);
        config.mergeConfig(next, config.getCurrentContext() !== undefined);
      }
    } catch (error) {
      throw new Fault('cluster-invalid', `kubeconfig ${file}: ${reasonOf(error)}`);
    }
  }
  if (context !== undefined) config.setCurrentContext(context);
  checkContext(config, files.join(delimiter));
  return config;
}

function checkContext(config: KubeConfig, from: string): void {
  const fail = (reason: string) => {
    throw new Fault('cluster-invalid', `kubeconfig ${from}: ${reason}`);
  };
  const name = config.getCurrentContext();
  const context = config.getContextObject(name);
  if (!name) fail('no current-context');
  if (!context) {
    const names = config.getContexts().map((other) => other.name);
    fail(`no context ${name} (there is: ${names.join(', ') || 'none'})`);
  }
  if (!config.getCurrentCluster()) fail(`context ${name} names a cluster that is not there`);
  if (!config.getCurrentUser()) fail(`context ${name} names a user that is not there`);
}

/**
 * The reason without the text around the fault: a YAML parser quotes the line, and tokens stand there. For
 * the same reason such an error is nobody's cause.
 */
function reasonOf(error: unknown): string {
  // Not always the kubeconfig itself: a token-file that it names is read with it.
  const { code, path, reason } = error as { code?: string; path?: string; reason?: string };
  if (code) return `${path ?? 'it'} cannot be read (${code})`;
  if (reason) return `not YAML: ${reason}`;
  if (error instanceof TypeError) return 'not a kubeconfig';
  return error instanceof Error ? error.message : String(error);
}

/** Headers and TLS as KubeConfig documents them for node:https. */
export async function signInBy(config: KubeConfig, run: Run): Promise<SignedIn> {
  const options: RequestOptions = {};
  const applied = config.applyToHTTPSOptions(options).catch((error) => {
    throw signInFault(error, config);
  });
  // A plugin may prompt for a password and wait forever.
  await withinRun(applied, run, 'before it had signed in to the cluster');
  const cluster = config.getCurrentCluster();
  // KubeConfig's own agents do not keep connections. Only those for a proxy are needed.
  if (!cluster?.proxyUrl) delete options.agent;
  return { server: cluster?.server ?? '', options };
}

/** What it means that `applyToHTTPSOptions` failed: a plugin without credentials, or a file that is gone. */
function signInFault(error: unknown, config: KubeConfig): Fault {
  if (error instanceof Fault) return error;
  const plugin = config.getCurrentUser()?.exec?.command;
  if (plugin === undefined)
    return new Fault('cluster-invalid', `cannot sign in: ${reasonOf(error)}`);
  const said = `the kubeconfig's plugin ${plugin} gave no credentials`;
  return new Fault('kubernetes-unauthorized', `${said}: ${pluginReason(error)}`);
}

/** The first line a plugin wrote on stderr. What it wrote on stdout, and a parser would quote, is the token. */
function pluginReason(error: unknown): string {
  if (error instanceof SyntaxError) return 'its output is not JSON';
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'ENOENT') return 'no such command';
  const [line = ''] = (message ?? '').trim().split(/[\r\n]/);
  return line.replace(/[\w+/=.-]{40,}/g, '...').slice(0, 200) || 'it says nothing';
}

function exists(file: string): boolean {
  try {
    accessSync(file);
    return true;
  } catch {
    return false;
  }
}
