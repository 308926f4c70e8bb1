import { dump } from 'js-yaml';
import type { Settings } from '../../src/job.ts';
import { kubernetesRole } from '../../src/kubernetes-policy.ts';
import { iamPolicy } from '../../src/policy.ts';
import { checkSettings } from '../../src/settings/parse.ts';
import { table } from './sections.ts';

/*
 * What `federation-sync policy` prints for the smallest settings, and what each further setting adds to it.
 */

const ROLE = 'arn:aws:iam::222222222222:role/reader';
const ZONE = { zone: 'Z08214473FVAJ9QTLWTEC' };
const EKS = { name: 'central', region: 'eu-west-1' };
const PLACE = {
  configMap: { namespace: 'monitoring', name: 'federation-targets', key: 'targets.yaml' },
  format: 'file_sd',
};
const SERVICE = { service: { namespace: 'monitoring', name: 'prometheus-server', port: 80 } };

interface Change {
  readonly eks?: object;
  readonly from?: object;
  readonly expect?: readonly object[];
  readonly to?: object;
}

/** The smallest settings, as infra/federation-sync.example.yml has them, with a change. */
function settingsWith({ eks, from, expect, to }: Change): Settings {
  const job = {
    job: 'federate',
    from: [{ ...ZONE, ...from }],
    select: { name: '\\.prometheus\\.internal$' },
    ...(expect && { expect }),
    to: [{ ...PLACE, ...to }],
  };
  const raw = { cluster: { eks: { ...EKS, ...eks } }, jobs: [job] };
  return checkSettings(raw, 'federation-sync.yml', '.');
}

const CHANGES: readonly (readonly [setting: string, change: Change])[] = [
  ['`from.roleArn`', { from: { roleArn: ROLE } }],
  ['`cluster.eks.roleArn`', { eks: { roleArn: ROLE } }],
  [
    '`cluster.eks.endpoint` and `certificateAuthority`',
    { eks: { endpoint: 'https://example.com', certificateAuthority: 'AAAA' } },
  ],
  ['`expect.eks`', { expect: [{ eks: {} }] }],
  ['`expect.eks.roleArn`', { expect: [{ eks: { roleArn: ROLE } }] }],
  ['`to.create: true`', { to: { create: true } }],
  ['`to.nudge`', { to: { nudge: { pods: 'app.kubernetes.io/name=prometheus' } } }],
  ['`to.prometheus.service`', { to: { prometheus: [SERVICE] } }],
  ['… with `reload: true`', { to: { prometheus: [{ ...SERVICE, reload: true }] } }],
  [
    '`to.scrapeConfig`',
    {
      to: {
        configMap: undefined,
        format: undefined,
        scrapeConfig: { namespace: 'monitoring', name: 'federate' },
      },
    },
  ],
];

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Item {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules?: readonly Rule[];
}

function iamOf(settings: Settings): string[] {
  return iamPolicy(settings, { region: 'eu-west-1' }).Statement.flatMap(({ Action, Resource }) =>
    Action.map((action) => `\`${action}\` on ${Resource.map((it) => `\`${it}\``).join(', ')}`),
  );
}

function rbacOf(settings: Settings): string[] {
  const items = kubernetesRole(settings).items as readonly Item[];
  return items.flatMap(({ kind, rules }) => {
    if (kind === 'RoleBinding') return [];
    if (rules === undefined) return [`a ${kind}`];
    return rules.map(({ resources, resourceNames, verbs }) => {
      const names = resourceNames?.map((name) => `\`${name}\``).join(', ');
      return `${verbs.join(', ')} of ${resources.join(', ')}${names ? ` ${names}` : ''}`;
    });
  });
}

/** What each setting adds, and what it makes unnecessary. */
export function permissionTable(): string {
  const base = settingsWith({});
  const difference = (of: (settings: Settings) => string[], settings: Settings) => {
    const [before, after] = [of(base), of(settings)];
    const added = after.filter((one) => !before.includes(one));
    const unneeded = before.filter((one) => !after.includes(one));
    return [...added, ...unneeded.map((one) => `no longer ${one}`)];
  };
  const rows = CHANGES.map(([name, change]) => {
    const settings = settingsWith(change);
    const iam = difference(iamOf, settings).map((one) => `IAM: ${one}`);
    const cluster = difference(rbacOf, settings).map((one) => `cluster: ${one}`);
    return [name, [...iam, ...cluster].join('<br>')];
  });
  return table(['setting', 'adds'], rows);
}

/** The output of `federation-sync policy iam`. */
export function iamExample(): string {
  const policy = iamPolicy(settingsWith({}), { region: 'eu-west-1' });
  return ['```json', JSON.stringify(policy, null, 2), '```'].join('\n');
}

/** The output of `federation-sync policy kubernetes`. */
export function kubernetesExample(): string {
  const text = dump(kubernetesRole(settingsWith({})), { lineWidth: -1, noRefs: true });
  return ['```yaml', text.trim(), '```'].join('\n');
}
