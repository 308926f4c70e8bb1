import { visible } from './wording.ts';

const final = (remedy: string) => ({ retryable: false, remedy });
const retryable = (remedy: string) => ({ retryable: true, remedy });
/** The guard has more to say: see targets/guard.ts. */
const FORCE = 'If that is intended: federation-sync sync --job NAME --force';

/**
 * What can go wrong, as a closed list. Each code has whether a retry can help, and the remedy where the
 * code that raised it has no better one.
 */
const FAULTS = {
  usage: final('Run federation-sync --help.'),
  'settings-missing': final(
    'Write federation-sync.yml (federation-sync init), or name it with --config or FEDERATION_SYNC_CONFIG; in the Lambda, package it next to the bundle.',
  ),
  'settings-invalid': final('Correct the settings; nothing was read or written.'),
  'settings-changed': final(
    'Package and deploy the function again: it runs only with the settings that were validated then. Nothing was read or written.',
  ),
  'job-unknown': final('Name one of the jobs of the settings.'),
  'event-refused': final(
    'Send a Route 53 change from CloudTrail through EventBridge (or SQS), a schedule, or {"action": "sync" | "plan" | "verify" | "coverage", "jobs": [..], "force": true}.',
  ),

  'records-unreadable': final(
    'Write the file with: aws route53 list-resource-record-sets --hosted-zone-id ID > FILE',
  ),
  'zone-missing': final('Check the hosted zone id: aws route53 list-hosted-zones'),
  'zone-public': final(
    'Use the id of the private zone of that name, or set public: true if this zone is intended.',
  ),
  'zone-forbidden': final(
    'Allow route53:GetHostedZone and route53:ListResourceRecordSets on the zone.',
  ),
  'listing-inconsistent': retryable('Run again; the zone changed while it was listed.'),
  'pattern-timeout': final(
    'Simplify the pattern: nested repetition such as (a+)+ can backtrack indefinitely.',
  ),
  'aws-credentials': final(
    'Provide credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID, a role, or aws sso login.',
  ),
  'aws-throttled': retryable(
    'No action if it is rare: all callers in the account share 5 to 10 Route 53 calls a second.',
  ),
  'aws-unavailable': retryable('Check the network path to AWS (VPC endpoint, NAT, DNS).'),
  'aws-refused': final('Read the message from AWS; the request was not accepted.'),
  'role-forbidden': final(
    "Allow sts:AssumeRole on the role, and name this caller and the external id in the role's trust policy.",
  ),
  'cluster-missing': final('Check cluster.eks: name and region.'),
  'cluster-forbidden': final('Allow eks:DescribeCluster on the cluster.'),
  'clusters-forbidden': final(
    'Allow eks:ListClusters on * (federation-sync policy iam), in the account of the role where expect.eks names one.',
  ),
  'expect-missing': final(
    'Add expect to the job, such as expect: [{ eks: { region: eu-west-1 } }] or expect: [{ file: clusters.txt }].',
  ),
  'expect-unreadable': final(
    'Write the file with one cluster a line; its path is relative to the settings file.',
  ),
  'cluster-invalid': final(
    'Name the cluster in the settings (cluster.eks, cluster.kubeconfig or cluster.inCluster), or set KUBECONFIG.',
  ),

  'kubernetes-unreachable': retryable(
    "Check the network path to the cluster's API server (private endpoint, security group, DNS).",
  ),
  'kubernetes-unavailable': retryable('Run again once the API server is healthy.'),
  'kubernetes-unauthorized': final(
    'Create an EKS access entry for the caller, or renew the credentials in the kubeconfig.',
  ),
  'kubernetes-forbidden': final(
    'Grant get and patch on that object (federation-sync policy prints the Role), or correct its name: RBAC answers a wrong name the same way.',
  ),
  'kubernetes-refused': final(
    'Its message can quote the object, so it is not printed: read it in the API server audit log, or in the reports of that policy.',
  ),
  'object-missing': final(
    'Check namespace and name. It must exist before the first sync, except with create: true (file_sd, thanos_endpoints; scrape_configs and scrapeConfig with a template).',
  ),
  'object-not-ours': final(
    'Create the object, or use another name: only a document with nothing but the list is created.',
  ),
  'object-immutable': final(
    'Recreate the object without immutable: true; Kubernetes allows no change to its data.',
  ),
  'field-owned': final(
    'Sync a list that is equal to its list first (federation-sync init writes such settings), then remove the field from what this manager writes: infra/guides/scrape-config.md.',
  ),
  'object-too-large': final(
    'Split the list over several jobs or places, or use format: file_sd in a separate object.',
  ),
  'key-missing': final('Check the key in the settings.'),
  conflict: retryable('Run again; another writer keeps changing the object.'),
  'write-unknown': retryable('Run again; it reads from the object whether the write took effect.'),
  'file-missing': final('Check the path; it is relative to the settings file.'),
  'file-failed': final('Check the path and its permissions.'),

  'document-broken': final('Fix the document; nothing was written.'),
  'document-unsafe': final(
    'Write that part of the document without the construct named, so that the list is one range of text.',
  ),
  'document-format': final('Set the format that the document has.'),
  'document-limits': final('Make the document smaller, or nest it less.'),
  'document-check': final('Report it with the document; nothing was written.'),
  'job-missing': final('Add the scrape config, or correct the name of the job.'),
  'job-twice': final('Give each scrape config a unique job_name.'),

  'guard-memory': final(
    'Remove the annotation route53-federation-sync/gone; the next sync begins a new one.',
  ),
  'guard-max-removed': final(FORCE),
  'guard-min-targets': final(FORCE),
  'guard-adopt': final(FORCE),

  'prometheus-unreachable': retryable(
    'Check the URL and the network path; from outside the cluster: kubectl port-forward service/prometheus-server 9090:80',
  ),
  'prometheus-refused': final(
    "Use the URL of the Prometheus server's web interface, including user and password if it requires them.",
  ),
  'resolver-failed': retryable(
    "Check --resolver: a DNS server that is reachable from here, such as the VPC's.",
  ),

  deadline: retryable('Raise the timeout, or find out what is slow (--verbose).'),
  internal: final('Report it with the output of --verbose.'),
};

export type FaultCode = keyof typeof FAULTS;

export const faultCodes = Object.keys(FAULTS) as FaultCode[];

/** An error that a person can act on. `message` is one sentence without secrets; the cause is kept. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly remedy: string;
  readonly retryable: boolean;
  /** Where one Fault reports several: one line each; `message` has them all. */
  readonly details: readonly string[];

  constructor(
    code: FaultCode,
    message: string,
    options: { remedy?: string; cause?: unknown; details?: readonly string[] } = {},
  ) {
    super(message, { cause: options.cause });
    this.details = options.details ?? [];
    this.code = code;
    this.remedy = options.remedy ?? FAULTS[code].remedy;
    this.retryable = FAULTS[code].retryable;
  }
}

/** The same fault with more at the end of its message. */
export function withMore(fault: Fault, more: string): Fault {
  const { code, message, remedy, details } = fault;
  return new Fault(code, message + more, { remedy, details, cause: fault });
}

/** The same fault with another remedy. */
export function withRemedy({ code, message, details, cause }: Fault, remedy: string): Fault {
  return new Fault(code, message, { remedy, details, cause });
}

/** One line of text: `zone-missing: could not list zone Z1: it does not exist. Check the hosted zone id.` */
export function faultText({ code, message, remedy }: Fault): string {
  const text = message.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return `${code}: ${text}${/[.!?…]$/.test(text) ? '' : '.'} ${visible(remedy)}`;
}

/** Any thrown value as a Fault; what is unexpected is `internal`. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Fault('internal', message, { cause: error });
}
