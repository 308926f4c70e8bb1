/**
 * What can go wrong, as a closed list. Each code has whether a retry can help, and the remedy where the
 * code that raised it has no better one.
 */
const FAULTS = {
  usage: { retryable: false, remedy: 'Run federation-sync --help.' },
  'settings-missing': {
    retryable: false,
    remedy: 'Write federation-sync.yml (federation-sync init), or name it with --config.',
  },
  'settings-invalid': {
    retryable: false,
    remedy: 'Correct the settings; nothing was read or written.',
  },
  'job-unknown': { retryable: false, remedy: 'Name one of the jobs of the settings.' },
  'event-refused': {
    retryable: false,
    remedy:
      'Send a Route 53 change from CloudTrail through EventBridge (or SQS), a schedule, or {"action": "sync" | "plan", "jobs": [..], "force": true}.',
  },

  'records-unreadable': {
    retryable: false,
    remedy: 'Write the file with: aws route53 list-resource-record-sets --hosted-zone-id ID > FILE',
  },
  'zone-missing': {
    retryable: false,
    remedy: 'Check the hosted zone id: aws route53 list-hosted-zones',
  },
  'zone-public': {
    retryable: false,
    remedy:
      'Use the id of the private zone of that name, or set public: true if this zone is intended.',
  },
  'zone-forbidden': {
    retryable: false,
    remedy: 'Allow route53:GetHostedZone and route53:ListResourceRecordSets on the zone.',
  },
  'listing-inconsistent': {
    retryable: true,
    remedy: 'Run again; the zone changed while it was listed.',
  },
  'pattern-timeout': {
    retryable: false,
    remedy: 'Simplify the pattern: nested repetition such as (a+)+ can backtrack indefinitely.',
  },
  'aws-credentials': {
    retryable: false,
    remedy: 'Provide credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID, a role, or aws sso login.',
  },
  'aws-throttled': {
    retryable: true,
    remedy:
      'No action if it is rare: all callers in the account share 5 to 10 Route 53 calls a second.',
  },
  'aws-unavailable': {
    retryable: true,
    remedy: 'Check the network path to AWS (VPC endpoint, NAT, DNS).',
  },
  'aws-refused': {
    retryable: false,
    remedy: 'Read the message from AWS; the request was not accepted.',
  },
  'role-forbidden': {
    retryable: false,
    remedy:
      "Allow sts:AssumeRole on the role, and name this caller and the external id in the role's trust policy.",
  },
  'cluster-missing': { retryable: false, remedy: 'Check cluster.eks: name and region.' },
  'cluster-forbidden': { retryable: false, remedy: 'Allow eks:DescribeCluster on the cluster.' },
  'cluster-invalid': {
    retryable: false,
    remedy:
      'Name the cluster in the settings (cluster.eks, cluster.kubeconfig or cluster.inCluster), or set KUBECONFIG.',
  },

  'kubernetes-unreachable': {
    retryable: true,
    remedy:
      "Check the network path to the cluster's API server (private endpoint, security group, DNS).",
  },
  'kubernetes-unavailable': {
    retryable: true,
    remedy: 'Run again once the API server is healthy.',
  },
  'kubernetes-unauthorized': {
    retryable: false,
    remedy:
      'Create an EKS access entry for the caller, or renew the credentials in the kubeconfig.',
  },
  'kubernetes-forbidden': {
    retryable: false,
    remedy: 'Grant get and patch on that object: federation-sync policy prints the Role.',
  },
  'kubernetes-refused': {
    retryable: false,
    remedy: 'Read the message: an admission policy, a webhook or a quota refused the change.',
  },
  'object-missing': {
    retryable: false,
    remedy: 'Check namespace and name; the object must exist before the first sync.',
  },
  'object-not-ours': {
    retryable: false,
    remedy:
      'Create the object, or use another name: only a document with nothing but the list is created.',
  },
  'object-immutable': {
    retryable: false,
    remedy: 'Recreate the object without immutable: true; Kubernetes allows no change to it.',
  },
  'object-too-large': {
    retryable: false,
    remedy:
      'Split the list over several jobs or places, or use format: file_sd in a separate object.',
  },
  'key-missing': { retryable: false, remedy: 'Check the key in the settings.' },
  conflict: {
    retryable: true,
    remedy: 'Run again; another writer keeps changing the object.',
  },
  'write-unknown': {
    retryable: true,
    remedy: 'Run again; it reads from the object whether the write took effect.',
  },
  'file-missing': {
    retryable: false,
    remedy: 'Check the path; it is relative to the settings file.',
  },
  'file-failed': { retryable: false, remedy: 'Check the path and its permissions.' },

  'document-broken': { retryable: false, remedy: 'Fix the document; nothing was written.' },
  'document-unsafe': {
    retryable: false,
    remedy:
      'Write that part of the document without the construct named, so that the list is one range of text.',
  },
  'document-limits': { retryable: false, remedy: 'Make the document smaller, or nest it less.' },
  'document-check': {
    retryable: false,
    remedy: 'Report it with the document; nothing was written.',
  },
  'job-missing': {
    retryable: false,
    remedy: 'Add the scrape config, or correct the name of the job.',
  },
  'job-twice': { retryable: false, remedy: 'Give each scrape config a unique job_name.' },

  'guard-max-removed': {
    retryable: false,
    remedy: 'If they should be removed: federation-sync sync --job NAME --force',
  },
  'guard-min-targets': {
    retryable: false,
    remedy:
      'If so few should stay: federation-sync sync --job NAME --force, or lower guard.minTargets.',
  },
  'guard-adopt': {
    retryable: false,
    remedy:
      'Keep them with the also: block, or remove them: guard.adopt: replace, or sync --job NAME --force',
  },

  'prometheus-unreachable': {
    retryable: true,
    remedy:
      'Check the URL and the network path; from outside the cluster: kubectl port-forward service/prometheus-server 9090:80',
  },
  'prometheus-refused': {
    retryable: false,
    remedy:
      "Use the URL of the Prometheus server's web interface, including user and password if it requires them.",
  },
  'resolver-failed': {
    retryable: true,
    remedy: "Check --resolver: a DNS server that is reachable from here, such as the VPC's.",
  },

  deadline: {
    retryable: true,
    remedy: 'Raise the timeout, or find out what is slow (--verbose).',
  },
  internal: { retryable: false, remedy: 'Report it with the output of --verbose.' },
} as const satisfies Record<string, { retryable: boolean; remedy: string }>;

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

/** One line of text: `zone-missing: could not list zone Z1: it does not exist. Check the hosted zone id.` */
export function faultText({ code, message, remedy }: Fault): string {
  const text = message.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return `${code}: ${text}${/[.!?…]$/.test(text) ? '' : '.'} ${remedy}`;
}

/** Any thrown value as a Fault; what is unexpected is `internal`. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Fault('internal', message, { cause: error });
}
