import type { RequestOptions } from 'node:https';
import type { Run } from '../../run.ts';

/** How a cluster's API server is reached, and who we are to it. */
export interface ClusterAccess {
  /** Signs in for the next request. Throws `cluster-*`, `aws-*`, `kubernetes-unauthorized`, `deadline`. */
  signIn(run: Run): Promise<SignedIn>;
  /** The API server refused the credentials: the next `signIn` gets new ones. */
  renew(): void;
  /** Nothing at its address answers, or accepts new credentials: the next `signIn` looks the address up again. */
  lookAgain?(): void;
  /** What to do about refused credentials. Never throws; undefined: nothing better than the fault's own remedy. */
  remedy?(run: Run): Promise<string | undefined>;
}

export interface SignedIn {
  /** URL of the API server. */
  readonly server: string;
  /** Headers and TLS of a request, for node:https; `agent` only where a proxy needs its own. */
  readonly options: RequestOptions;
}

/** Told that a cluster's certificate is not verified, because the kubeconfig says so. */
export type Unverified = (cluster: { readonly name: string; readonly server: string }) => void;

/** The variables that sign-in reads: KUBECONFIG and HOME, a pod's KUBERNETES_SERVICE_HOST and _PORT. */
export type ClusterEnvironment = Readonly<Record<string, string | undefined>>;
