import { accessSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { Fault } from '../../fault.ts';
import { type Run, withinRun } from '../../run.ts';
import type { ClusterAccess, ClusterEnvironment, SignedIn, Unverified } from './access.ts';

/**
 * Signs in as kubectl does: with a kubeconfig's token, client certificate or exec plugin. The file is read
 * again when its credentials are refused, because `aws eks update-kubeconfig` and other tools rewrite it.
 * Throws `cluster-invalid`.
 */
export class KubeconfigAccess implements ClusterAccess {
  readonly #wanted: { readonly path?: string; readonly context?: string };
  readonly #env: ClusterEnvironment;
  readonly #unverified: Unverified | undefined;
  #config: KubeConfig | undefined;
  #reported = false;

  constructor(
    wanted: { readonly path?: string; readonly context?: string },
    env: ClusterEnvironment,
    unverified?: Unverified,
  ) {
    this.#wanted = wanted;
    this.#env = env;
    this.#unverified = unverified;
  }

  async signIn(run: Run): Promise<SignedIn> {
    this.#config ??= load(this.#files(), this.#wanted.context);
    const cluster = this.#config.getCurrentCluster();
    // Like kubectl, we do as the kubeconfig says; unlike kubectl, we report it, once.
    if (cluster?.skipTLSVerify && !this.#reported) this.#unverified?.(cluster);
    this.#reported = true;
    return signInBy(this.#config, run);
  }

  renew(): void {
    this.#config = undefined;
  }

  /** As kubectl: the file that is named, or those of KUBECONFIG that exist, or the default file. */
  #files(): string[] {
    if (this.#wanted.path) return [this.#wanted.path];
    const { KUBECONFIG, HOME } = this.#env;
    if (KUBECONFIG) {
      const files = KUBECONFIG.split(delimiter).filter((file) => file && exists(file));
      if (files.length > 0) return files;
      throw new Fault('cluster-invalid', `no file of KUBECONFIG exists: ${KUBECONFIG}`);
    }
    const home = HOME && join(HOME, '.kube', 'config');
    if (home && exists(home)) return [home];
    throw new Fault('cluster-invalid', 'the settings name no cluster, and no kubeconfig exists');
  }
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Signs in with the pod's service account, whose token file KubeConfig reads again every minute. Throws
 * `cluster-invalid` outside a pod.
 */
export class InClusterAccess implements ClusterAccess {
  readonly #env: ClusterEnvironment;
  readonly #root: string;
  #config: KubeConfig | undefined;

  /** `root` is prepended to the folder that Kubernetes mounts. */
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
      throw new Fault('cluster-invalid', 'this process does not run in a pod', { remedy });
    }
    const config = new KubeConfig();
    // Like KubeConfig's own loadFromCluster, which reads only the environment of the process.
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
      // Where files define the same names, KubeConfig throws instead of merging them as kubectl would.
      if (index === 0) config.loadFromFile(file);
      else {
        const next = new KubeConfig();
        next.loadFromFile(file);
        config.mergeConfig(next, config.getCurrentContext() !== undefined);
      }
    } catch (error) {
      throw new Fault('cluster-invalid', `kubeconfig ${file}: ${reasonOf(error, file)}`);
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
    fail(`no context ${name} (its contexts: ${names.join(', ') || 'none'})`);
  }
  if (!config.getCurrentCluster()) fail(`context ${name} names a cluster that is not defined`);
  if (!config.getCurrentUser()) fail(`context ${name} names a user that is not defined`);
}

/**
 * The reason without the text around the fault: a YAML parser quotes the line, which can hold a token. For the
 * same reason, such an error is never attached as a cause.
 */
function reasonOf(error: unknown, file?: string): string {
  // Not always the kubeconfig itself: it can name a token file.
  const { code, path, reason } = error as { code?: string; path?: string; reason?: string };
  if (code) return `${path && path !== file ? `${path} ` : ''}cannot be read (${code})`;
  if (reason) return `not valid YAML: ${reason}`;
  if (error instanceof TypeError) return 'not a kubeconfig';
  return error instanceof Error ? error.message : String(error);
}

/** Headers and TLS as KubeConfig documents them for node:https. */
export async function signInBy(config: KubeConfig, run: Run): Promise<SignedIn> {
  // KubeConfig changes it for insecure-skip-tls-verify only.
  const options: RequestOptions = { rejectUnauthorized: true };
  const applied = config.applyToHTTPSOptions(options).catch((error) => {
    throw signInFault(error, config);
  });
  // A plugin may prompt for a password and wait forever.
  await withinRun(applied, run, 'before it had signed in to the cluster');
  const cluster = config.getCurrentCluster();
  // KubeConfig's own agents do not keep connections. Only those for a proxy are needed.
  if (!cluster?.proxyUrl) delete options.agent;
  else verifyProxy(options.agent);
  return { server: cluster?.server ?? '', options };
}

/** The connection to the proxy itself has options of its own (hpagent's ProxyAgentRequestOptions). */
function verifyProxy(agent: RequestOptions['agent']): void {
  const { proxyRequestOptions: toProxy } = agent as {
    proxyRequestOptions?: { rejectUnauthorized?: boolean };
  };
  if (toProxy) toProxy.rejectUnauthorized = true;
}

/** Why `applyToHTTPSOptions` failed: the plugin returned no credentials, or a file is missing. */
function signInFault(error: unknown, config: KubeConfig): Fault {
  if (error instanceof Fault) return error;
  const plugin = config.getCurrentUser()?.exec?.command;
  if (plugin === undefined)
    return new Fault('cluster-invalid', `cannot sign in: ${reasonOf(error)}`);
  const message = `the kubeconfig's plugin ${plugin} returned no credentials: ${pluginReason(error)}`;
  return new Fault('kubernetes-unauthorized', message);
}

/** The first line that a plugin wrote to stderr; stdout, which a parser would quote, holds the token. */
function pluginReason(error: unknown): string {
  if (error instanceof SyntaxError) return 'its output is not JSON';
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'ENOENT') return 'command not found';
  const [line = ''] = (message ?? '').trim().split(/[\r\n]/);
  return line.replace(/[\w+/=.-]{40,}/g, '...').slice(0, 200) || 'no error output';
}

function exists(file: string): boolean {
  try {
    accessSync(file);
    return true;
  } catch {
    return false;
  }
}
