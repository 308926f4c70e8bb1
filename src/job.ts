import type { Format } from './formats.ts';
import type { Location } from './location.ts';
import type { Target } from './target.ts';

/** Validated settings, all defaults filled in, all paths absolute. */
export interface Settings {
  readonly cluster: Cluster | undefined;
  readonly jobs: readonly Job[];
  /** Variables that would configure a job, but are ignored because there is a file. */
  readonly ignored?: readonly string[];
}

/** Where the objects with the lists are. */
export type Cluster =
  | { readonly eks: EksCluster }
  | { readonly kubeconfig: { readonly path?: string; readonly context?: string } }
  | { readonly inCluster: true };

/** An EKS cluster as the settings name it. */
export interface EksCluster {
  readonly name: string;
  readonly region?: string;
  /** Role to assume in the cluster's account: it describes the cluster and signs the token. */
  readonly roleArn?: string;
  readonly externalId?: string;
  /** URL of the API server; with `certificateAuthority`, DescribeCluster is not called. */
  readonly endpoint?: string;
  /** PEM in base64, as DescribeCluster returns it. */
  readonly certificateAuthority?: string;
}

export interface Job {
  /** For --job, logs and metrics. */
  readonly name: string;
  /** The job_name in the document, where the format has one. */
  readonly job: string;
  /** Empty where the job has nothing but `also`. */
  readonly from: readonly From[];
  /** Targets that no record announces. */
  readonly also: readonly Target[];
  /** Where the names of the clusters that exist come from. They are compared with the list, never written. */
  readonly expect: readonly Expect[];
  readonly guard: Guard;
  /** How long a target outlives its name, in milliseconds. */
  readonly keepMs: number;
  readonly to: readonly Place[];
}

/** Where record sets come from: a hosted zone, or the JSON that `aws route53 list-resource-record-sets` prints. */
export type Source = ZoneSource | { readonly records: string };

export interface ZoneSource {
  /** Hosted zone id, without the `/hostedzone/` prefix. */
  readonly zone: string;
  /** A public zone is intended. */
  readonly public?: boolean;
  /** Role to assume for a zone of another account. */
  readonly roleArn?: string;
  readonly externalId?: string;
}

/** `/hostedzone/Z0821` and `hostedzone/Z0821`, as some APIs write it, are `Z0821`. */
export function zoneId(text: string): string {
  return text.replace(/^\/?hostedzone\//, '');
}

/** The record types that are selected by default. */
export const DEFAULT_TYPES: readonly string[] = ['A', 'AAAA', 'CNAME'];

/** One source of record sets, and how they become targets. */
export interface From {
  readonly source: Source;
  readonly select: Select;
  /** Its targets may be IP addresses, localhost and single labels. */
  readonly allowAddresses?: boolean;
  /** Template of the target's address. */
  readonly target: string;
  /** Templates by label name. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The clusters that exist: those of EKS in one Region and account, or a file with one cluster a line. */
export type Expect = { readonly eks: ExpectedEks } | { readonly file: string };

export interface ExpectedEks {
  /** Default: that of the environment. */
  readonly region?: string;
  /** Pattern of the names to expect; its group clusterID, else the whole name, is the cluster's id. */
  readonly name?: string;
  /** Clusters that EKS Connector registered, too. */
  readonly connected: boolean;
  /** Role to assume for the clusters of another account. */
  readonly roleArn?: string;
  readonly externalId?: string;
}

/** The jobs whose clusters are known. */
export function expecting(jobs: readonly Job[]): readonly Job[] {
  return jobs.filter(({ expect }) => expect.length > 0);
}

/** The label with a cluster's id. */
export const CLUSTER_LABEL = 'clusterID';

/** Which record sets to select; patterns are sources of JavaScript regular expressions. */
export interface Select {
  readonly types: readonly string[];
  readonly name: string;
  readonly exclude: readonly string[];
  readonly setIdentifier: string | undefined;
}

export interface Guard {
  /** The most hosts that the runs of `perMs` together may remove; 0: each run by itself. */
  readonly maxRemoved: { readonly percent: number } | { readonly count: number };
  readonly perMs: number;
  /** The fewest hosts that must be left. */
  readonly minTargets: number;
  readonly adopt: 'refuse' | 'replace';
}

/** A place that holds the list. */
export interface Place {
  readonly location: Location;
  readonly format: Format;
  /** Create the object if it is missing; only where the whole document is ours, or with a template. */
  readonly create: boolean;
  /** The document that is written first, where it has more than the list; settings/find.ts reads its text. */
  readonly template?: { readonly path: string; readonly text?: string };
  /** Selects the pods in the object's namespace whose volumes are refreshed after a write. */
  readonly nudge: string | undefined;
  /** The servers that read it; each must have loaded it. */
  readonly servers: readonly Server[];
  /** How long a sync waits, after a write, until they have; 0: it does not. */
  readonly waitMs: number;
}

/** A Prometheus server, or for `thanos_endpoints` a Thanos Query. */
export type Server = UrlServer | ServiceServer;

interface ServerOptions {
  /** `wait` may make it read its configuration again. */
  readonly reload: boolean;
}

export interface UrlServer extends ServerOptions {
  readonly url: string;
  readonly bearerToken?: SecretRef;
  readonly basicAuth?: { readonly username: string; readonly password: SecretRef };
  /** Absolute path of the PEM file of its certificate authority. */
  readonly caFile?: string;
}

/** A server behind a service of the cluster, through the API server's proxy. */
export interface ServiceServer extends ServerOptions {
  readonly service: {
    readonly namespace: string;
    readonly name: string;
    /** Number or name. */
    readonly port: number | string;
    /** What the server itself speaks. Default: http. */
    readonly scheme?: 'http' | 'https';
    /** Its --web.route-prefix, such as `/prometheus`. */
    readonly path?: string;
  };
}

/** Where a secret is: an absolute path, or the name of a variable. */
export type SecretRef = { readonly file: string } | { readonly env: string };

/**
 * A service as the proxy's path and RBAC's resourceNames write it: `prometheus-server:80`, `https:prometheus:web`.
 *
 * Source: k8s.io/apimachinery, pkg/util/net, SplitSchemeNamePort
 */
export function serviceSegment({ service }: ServiceServer): string {
  const { name, port, scheme } = service;
  return `${scheme === 'https' ? 'https:' : ''}${name}:${port}`;
}
