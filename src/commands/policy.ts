import { dump } from 'js-yaml';
import { Fault } from '../fault.ts';
import type { Settings } from '../job.ts';
import { kubernetesRole, type Subject } from '../kubernetes-policy.ts';
import { iamPolicy } from '../policy.ts';
import type { Environment } from '../settings/job-variables.ts';
import { type Command, exitCodes } from './command.ts';
import { withSettings } from './session.ts';

/** Prints the least privileges that a sync with these settings needs. It calls no API. */
export const policyCommand: Command = {
  summary: 'print the IAM policy (iam) and the Role (kubernetes) with the least privileges',
  operand: '[PART]',
  flags: ['group'],
  run: withSettings(async ({ args, settings, surroundings: { env, stdout } }) => {
    const [part] = args.operands;
    if (part !== undefined && part !== 'iam' && part !== 'kubernetes') {
      throw new Fault('usage', 'usage: federation-sync policy [iam|kubernetes]');
    }
    const iam = iamPolicy(settings, scopeOf(settings, env));
    const kubernetes = kubernetesRole(settings, subjectOf(settings, args.group));
    const iamText = `${JSON.stringify(iam, null, 2)}\n`;
    const kubernetesText = dump(kubernetes, { lineWidth: -1, noRefs: true });
    const nothing =
      iam.Statement.length === 0 && (kubernetes as { items?: unknown[] }).items?.length === 0;
    if (nothing && !args.json) {
      stdout.write('# Nothing is needed: these settings use only files.\n');
      return exitCodes.done;
    }
    if (part === 'iam') stdout.write(iamText);
    else if (part === 'kubernetes') {
      stdout.write(args.json ? `${JSON.stringify(kubernetes, null, 2)}\n` : kubernetesText);
    } else if (args.json) stdout.write(`${JSON.stringify({ iam, kubernetes }, null, 2)}\n`);
    else {
      stdout.write(
        '# The IAM policy of the identity that syncs; only this part: federation-sync policy iam\n' +
          `${iamText}---\n` +
          '# For the cluster; only this part: federation-sync policy kubernetes | kubectl apply -f -\n' +
          kubernetesText,
      );
    }
    return exitCodes.done;
  }),
};

function scopeOf({ cluster }: Settings, env: Environment) {
  const eks = cluster && 'eks' in cluster ? cluster.eks : undefined;
  const region = eks?.region || env.AWS_REGION || env.AWS_DEFAULT_REGION || '';
  const partition = /^cn-/.test(region) ? 'aws-cn' : /^us-gov-/.test(region) ? 'aws-us-gov' : 'aws';
  return { partition, ...(region && { region }) };
}

/** The service account in the cluster; from outside, the group of the access entry. */
function subjectOf({ cluster, jobs }: Settings, group: string | undefined): Subject | undefined {
  if (!cluster || !('inCluster' in cluster)) {
    // It also names the Role; and groups of Kubernetes itself begin with `system:`.
    if (group !== undefined && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(group)) {
      throw new Fault('usage', `--group ${group}: use lowercase letters, digits, - and .`);
    }
    return group === undefined ? undefined : { group };
  }
  if (group !== undefined) {
    throw new Fault(
      'usage',
      '--group is for access from outside; with cluster.inCluster the subject is a service account',
    );
  }
  const locations = jobs.flatMap(({ to }) => to).map(({ location }) => location);
  const object = locations.find((location) => location.kind !== 'file');
  return { serviceAccount: 'federation-sync', namespace: object?.namespace ?? 'monitoring' };
}
