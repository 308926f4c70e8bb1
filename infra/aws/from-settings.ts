import type { Settings } from '../../src/job.ts';
import { jobVariables } from '../../src/settings/environment.ts';
import { ruleAlarm } from './alarm.ts';
import { busPolicies, ruleNames, rules, scheduleExtensions } from './changes.ts';
import { type Batch, batchOf, type Deployment } from './deployment.ts';
import { functionAlarms } from './function-alarms.ts';
import { jobAlarms } from './job-alarms.ts';
import { RefusedSettings, readSettings, settingsPath, variables } from './settings.ts';
import { syncRole } from './sync-role.ts';
import { secretReference, webhookResources } from './webhook.ts';
import { webhookRules } from './webhook-rules.ts';

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
    throw new RefusedSettings(
      'A VPC needs both parameters. Set subnets and securityGroups, or neither.',
    );
  return { subnetIds: subnets, securityGroupIds: securityGroups };
}

/** The event source mapping of the queue, and the queue's visibility timeout. */
export async function batch({ resolveVariable }: Osls): Promise<Batch> {
  const timeout = Number(await resolveVariable('self:custom.timeout'));
  const found = batchOf(
    Number((await resolveVariable('param:batchWindow')) || Number.NaN),
    timeout,
  );
  if (found) return found;
  throw new RefusedSettings(
    'Parameter batchWindow is invalid. Set it to whole seconds from 0 to 300, the limit of Lambda.',
  );
}

/** The function's variables where they are its settings. */
export async function environment({ resolveVariable }: Osls) {
  const given = await resolveVariable('param:settings');
  const path = settingsPath('.', given, await resolveVariable('sls:stage'));
  return path === variables ? jobVariables(process.env) : {};
}

export async function resources(osls: Osls) {
  const { settings, deployment } = await read(osls);
  return {
    Resources: {
      SyncRole: syncRole(settings, deployment),
      ...rules(settings, deployment, Object.keys(postingRules(settings, deployment))),
      ...busPolicies(settings, deployment),
      ...alarms(settings, deployment),
    },
    extensions: scheduleExtensions,
  };
}

export async function subscriptions(osls: Osls) {
  const email = await osls.resolveVariable('param:email');
  const webhook = await osls.resolveVariable('param:webhook');
  const { settings, deployment } = await read(osls);
  const rules = postingRules(settings, deployment);
  return {
    Resources: {
      ...(email && {
        AlarmsEmail: {
          Type: 'AWS::SNS::Subscription',
          Properties: { TopicArn: { Ref: 'Alarms' }, Protocol: 'email', Endpoint: email },
        },
      }),
      ...(webhook && {
        ...webhookResources(secretReference(webhook, deployment.name), deployment),
        ...rules,
        ...postingAlarms(deployment, rules),
      }),
    },
  };
}

/** The rules for the webhook, by logical id; none without one. */
function postingRules(settings: Settings, deployment: Deployment) {
  if (!deployment.webhook) return {};
  const names = Object.values(alarms(settings, deployment)).map((it) => it.Properties.AlarmName);
  return webhookRules(deployment.name, names);
}

/** Alarms of the webhook's own rules: the webhook cannot report itself, the topic can. */
function postingAlarms({ name }: Deployment, rules: ReturnType<typeof postingRules>) {
  return Object.fromEntries(
    Object.entries(rules).map(([id, { Properties }]) => [
      `${id}Alarm`,
      ruleAlarm(name, Properties.Name.slice(name.length + 1), id),
    ]),
  );
}

async function read({ resolveVariable }: Osls): Promise<{
  settings: Settings;
  deployment: Deployment;
}> {
  const given = await resolveVariable('param:settings');
  const silence = Number(await resolveVariable('param:silence'));
  if (!(silence > 0 && silence % 5 === 0))
    throw new RefusedSettings(
      'Parameter silence is invalid. Set it to a multiple of 5 minutes, the period of the schedule.',
    );
  const deployment = {
    name: await resolveVariable('self:custom.name'),
    region: await resolveVariable('self:provider.region'),
    inVpc: (await resolveVariable('param:subnets')) !== '',
    webhook: (await resolveVariable('param:webhook')) !== '',
    ...(await boundary({ resolveVariable })),
    timeout: Number(await resolveVariable('self:custom.timeout')),
    silence,
    batch: await batch({ resolveVariable }),
  };
  const stage = await resolveVariable('sls:stage');
  checkStage(stage, deployment);
  const path = settingsPath('.', given, stage);
  return { settings: readSettings('.', path), deployment };
}

/**
 * A name ends with what it is (`-dead-letters`), and a stage must not: the queue of stage `prod-dead-letters` would be
 * the dead-letter queue of stage `prod`.
 */
function checkStage(stage: string, { name, region }: Deployment): void {
  const kinds =
    /-(alarms|boundary|changes|coverage-failed|dead-letters|deadline|errors|missing|not-loaded|paused|queue-age|refused|repaired|rule|silence|throttles|webhook)(-|$)/;
  const [, kind] = kinds.exec(stage) ?? [];
  if (kind)
    throw new RefusedSettings(
      `Stage ${stage} could have the same names as another stage, because it contains -${kind}. Choose another name.`,
    );
  // IAM's limit is 64 characters, and 9 are left for what other names of IAM have at their end.
  if (`${name}-${region}`.length > 55)
    throw new RefusedSettings(
      `The name of stage ${stage} is too long: the role's name is limited to 64 characters. Choose a shorter name.`,
    );
}

const alarms = (settings: Settings, deployment: Deployment) => ({
  ...functionAlarms(deployment, ruleNames(settings, deployment)),
  ...jobAlarms(settings, deployment),
});

/** The managed policy that bounds the roles: the parameter, else the one that deploy-role.yml creates for the stage. */
async function boundary({ resolveVariable }: Osls): Promise<Pick<Deployment, 'boundary'>> {
  const given = await resolveVariable('param:boundary');
  if (given === 'none') return {};
  const name = await resolveVariable('self:custom.name');
  const region = await resolveVariable('self:provider.region');
  return { boundary: given || `${name}-${region}-boundary` };
}

const split = (list: string) => list.split(',').filter(Boolean);
