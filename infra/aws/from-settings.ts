import type { Settings } from '../../src/job.ts';
import { busPolicies, rules, scheduleExtensions } from './changes.ts';
import type { Deployment } from './deployment.ts';
import { jobAlarms } from './job-alarms.ts';
import { readSettings, settingsPath } from './settings.ts';
import { syncRole } from './sync-role.ts';
import { secretReference, webhookResources } from './webhook.ts';

/**
 * The parts of serverless.yml that are derived from federation-sync.yml and the parameters. serverless.yml
 * references each export by name.
 */

interface Osls {
  /** Resolves an expression as if it were written between `${` and `}` in serverless.yml. */
  resolveVariable(expression: string): Promise<string>;
}

export async function vpc({ resolveVariable }: Osls) {
  const subnets = split(await resolveVariable('param:subnets'));
  const securityGroups = split(await resolveVariable('param:securityGroups'));
  if (subnets.length === 0 && securityGroups.length === 0) return null;
  if (subnets.length === 0 || securityGroups.length === 0)
    throw new Error('A VPC needs both parameters. Set subnets and securityGroups, or neither.');
  return { subnetIds: subnets, securityGroupIds: securityGroups };
}

export async function resources({ resolveVariable }: Osls) {
  const given = await resolveVariable('param:settings');
  const silence = Number(await resolveVariable('param:silence'));
  if (!(silence > 0 && silence % 5 === 0))
    throw new Error(
      'Parameter silence is invalid. Set it to a multiple of 5 minutes, the period of the schedule.',
    );
  return resourcesFor(readSettings('.', settingsPath('.', given)), {
    name: await resolveVariable('self:custom.name'),
    region: await resolveVariable('self:provider.region'),
    inVpc: (await resolveVariable('param:subnets')) !== '',
    webhook: (await resolveVariable('param:webhook')) !== '',
    ...(await boundary({ resolveVariable })),
    silence,
  });
}

function resourcesFor(settings: Settings, deployment: Deployment) {
  return {
    Resources: {
      SyncRole: syncRole(settings, deployment),
      ...rules(settings, deployment),
      ...busPolicies(settings),
      ...jobAlarms(settings, deployment),
    },
    extensions: scheduleExtensions,
  };
}

export async function subscriptions({ resolveVariable }: Osls) {
  const email = await resolveVariable('param:email');
  const webhook = await resolveVariable('param:webhook');
  const name = await resolveVariable('self:custom.name');
  const region = await resolveVariable('self:provider.region');
  const bounded = await boundary({ resolveVariable });
  return {
    Resources: {
      ...(email && {
        AlarmsEmail: {
          Type: 'AWS::SNS::Subscription',
          Properties: { TopicArn: { Ref: 'Alarms' }, Protocol: 'email', Endpoint: email },
        },
      }),
      ...(webhook &&
        webhookResources(secretReference(webhook, name), { name, region, ...bounded })),
    },
  };
}

/** The managed policy that bounds the roles: the parameter, else the one that deploy-role.yml creates for the stage. */
async function boundary({ resolveVariable }: Osls): Promise<Pick<Deployment, 'boundary'>> {
  const given = await resolveVariable('param:boundary');
  if (given === 'none') return {};
  const name = await resolveVariable('self:custom.name');
  const region = await resolveVariable('self:provider.region');
  return { boundary: given || `${name}-${region}-boundary` };
}

const split = (list: string) => list.split(',').filter(Boolean);
