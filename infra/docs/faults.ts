import { Fault, type FaultCode, faultCodes } from '../../src/fault.ts';
import { table } from './sections.ts';

/** What each code means; remedy and retry are those of src/fault.ts. */
const MEANINGS: Readonly<Record<FaultCode, string>> = {
  usage: 'The command line is wrong: an unknown command, flag or value. Nothing was read.',
  'settings-missing': 'No settings were found.',
  'settings-invalid':
    'The settings are wrong; the message has the path, the value found and the values allowed.',
  'settings-changed':
    'The function has other settings than those that were validated when it was packaged.',
  'job-unknown': 'No job of the settings has that name; the message lists them.',
  'event-refused': 'The function does not support this event.',
  'records-unreadable':
    'The records file is not a complete export of `aws route53 list-resource-record-sets`.',
  'zone-missing':
    'This identity has no such hosted zone. A zone of another account needs `roleArn`.',
  'zone-public': 'The zone is public, and often has the same name as the private one.',
  'zone-forbidden': 'IAM denied access to the zone.',
  'listing-inconsistent':
    'The zone changed while it was being listed, or a page of the listing was invalid.',
  'pattern-timeout': 'A pattern did not finish within its time limit.',
  'aws-credentials':
    'No credentials were found, or AWS rejected them: an expired session, a wrong key, a skewed clock.',
  'aws-throttled': 'AWS kept throttling the request, after all retries.',
  'aws-unavailable': 'AWS could not be reached or kept failing, after all retries.',
  'aws-refused': 'AWS rejected the request for another reason.',
  'role-forbidden': 'A role could not be assumed.',
  'cluster-missing':
    '`cluster.eks` names a cluster that does not exist in that Region and account.',
  'cluster-forbidden': 'IAM denied `eks:DescribeCluster`.',
  'clusters-forbidden': 'IAM denied the listing of the clusters that `expect` names.',
  'expect-missing': '`coverage` was requested for jobs without `expect`.',
  'expect-unreadable': 'The file of `expect` cannot be read, or is not one cluster a line.',
  'cluster-invalid': 'No cluster is named, or the kubeconfig or its context cannot be used.',
  'kubernetes-unreachable': 'The API server cannot be reached; the message gives the reason.',
  'kubernetes-unavailable': 'The API server is overloaded or fails.',
  'kubernetes-unauthorized': 'The cluster does not recognize this identity.',
  'kubernetes-forbidden': 'RBAC denied access to the object.',
  'kubernetes-refused': 'An admission policy, a webhook or a quota rejected the change.',
  'object-missing': 'The object does not exist.',
  'object-not-ours': '`create: true` found an existing object that is not ours.',
  'object-immutable': 'The object is immutable.',
  'field-owned': "Another field manager owns the ScrapeConfig's `spec.staticConfigs`.",
  'object-too-large': 'The object would exceed the 1 MiB of a ConfigMap or Secret.',
  'key-missing': 'The object does not have the key; the message lists its keys.',
  conflict:
    'Another writer changed the object during each of five attempts. Nothing was overwritten.',
  'write-unknown': 'The connection broke during the write: unknown whether it took effect.',
  'file-missing': 'The file does not exist.',
  'file-failed': 'The file cannot be read or written.',
  'document-broken': 'The document is not valid YAML; the message has the line.',
  'document-unsafe':
    'The list cannot be edited without changing other text: an alias, a merge key, two documents.',
  'document-format': 'The document is of another format than the settings say.',
  'document-limits': 'The document is too large, or nested too deeply.',
  'document-check': 'The edited text failed verification and was discarded.',
  'job-missing': 'No scrape config has that `job_name`; the message lists the existing ones.',
  'job-twice': 'Two scrape configs have that `job_name`.',
  'guard-memory': 'The annotation with past removals cannot be read, so nothing is removed.',
  'guard-max-removed': 'The run would remove more than `guard.maxRemoved` within `guard.per`.',
  'guard-min-targets': 'The run wants fewer targets than `guard.minTargets`.',
  'guard-adopt': 'The first run on this object would remove targets.',
  'prometheus-unreachable': 'The server that reads the list cannot be reached.',
  'prometheus-refused': 'What answers is not a Prometheus server, or it requires credentials.',
  'resolver-failed': 'The DNS server of `--resolver` does not answer.',
  deadline: 'The run timed out. Nothing was left half-written.',
  internal: 'An unexpected error.',
};

export function faultTable(): string {
  const rows = faultCodes.map((code) => {
    const { remedy, retryable } = new Fault(code, '');
    return [
      `\`${code}\``,
      MEANINGS[code],
      remedy.replaceAll(/\[\.\.\]/g, '[…]'),
      retryable ? 'yes' : '',
    ];
  });
  return table(['code', 'meaning', 'remedy', 'retry'], rows);
}
