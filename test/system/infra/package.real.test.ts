import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventPatterns } from '../../../infra/aws/event-pattern.ts';
import { resources, subscriptions, vpc as vpcOf } from '../../../infra/aws/from-settings.ts';
import { readSettings } from '../../../infra/aws/settings.ts';
import { putMetrics } from '../../../src/lambda-log.ts';
import { iamPolicy } from '../../../src/policy.ts';
import { checkSettings, parseSettings } from '../../../src/settings/parse.ts';
import { events } from './cloudtrail.ts';
import { matches } from './event-matcher.ts';
import {
  createService,
  ofType,
  type Service,
  settingsOfTwoAccounts,
  type Template,
} from './service.ts';
import { faultsOf } from './validate.ts';

const vpc = [
  '--param=subnets=subnet-0a1b2c3d,subnet-1a2b3c4d',
  '--param=securityGroups=sg-0a1b2c3d',
];
const webhook = '{{resolve:secretsmanager:federation-sync-prod/webhook}}';
const notified = ['--param=email=ops@example.com', `--param=webhook=${webhook}`];
const variants = {
  usEast1: ['--region', 'us-east-1'],
  elsewhere: ['--region', 'eu-west-1'],
  usEast1InVpc: ['--region', 'us-east-1', ...vpc],
  elsewhereInVpc: ['--region', 'eu-central-1', ...vpc, ...notified, '--param=silence=45'],
};

type Packaged = Awaited<ReturnType<Service['package']>>;
const packaged = {} as Record<keyof typeof variants, Packaged>;
let service: Service;
let template: Template;

beforeAll(async () => {
  service = await createService(settingsOfTwoAccounts);
  for (const [name, args] of Object.entries(variants))
    packaged[name as keyof typeof variants] = await service.package(args);
  ({ template } = packaged.elsewhere);
}, 120_000);
afterAll(() => service.remove());

const fn = () => template.Resources.SyncLambdaFunction!.Properties;
const statements = (of: Template) =>
  of.Resources.SyncRole!.Properties.Policies[0].PolicyDocument.Statement;
/** An ARN in CloudFormation's words: `{…}` stands for the pseudo parameter AWS::…. */
const arn = (text: string) => ({ 'Fn::Sub': text.replaceAll('{', '\x24{AWS::') });

describe('packaging, without credentials', () => {
  test('gives templates that CloudFormation takes', () => {
    expect(faultsOf(Object.values(packaged).map(({ file }) => file))).toEqual([]);
  });

  test('attaches the function to a VPC where one is given', () => {
    const attached = ({ template }: Packaged) =>
      template.Resources.SyncLambdaFunction!.Properties.VpcConfig;
    expect(attached(packaged.usEast1)).toBeUndefined();
    expect(attached(packaged.elsewhere)).toBeUndefined();
    for (const inVpc of [packaged.usEast1InVpc, packaged.elsewhereInVpc])
      expect(attached(inVpc)).toEqual({
        SubnetIds: ['subnet-0a1b2c3d', 'subnet-1a2b3c4d'],
        SecurityGroupIds: ['sg-0a1b2c3d'],
      });
  });

  test('works from a fresh clone, with the example', async () => {
    const fresh = await createService();
    try {
      const { template } = await fresh.package();
      expect(Object.keys(ofType(template, 'AWS::Events::Rule'))).toContain('ChangesRule1');
    } finally {
      fresh.remove();
    }
  });

  test('puts the bundle and the settings into the zip, and nothing else', () => {
    const inZip = filesOf(readFileSync(packaged.elsewhere.zip));
    expect(Object.keys(inZip)).toEqual(['index.mjs', 'federation-sync.yml']);
    expect(inZip['federation-sync.yml']).toBe(settingsOfTwoAccounts);
    expect(inZip['index.mjs']).toBe(readFileSync(join(service.folder, 'dist/index.mjs'), 'utf8'));
  });

  test('gives the same zip for the same input', () => {
    const [first, ...others] = Object.values(packaged).map(({ zip }) => readFileSync(zip));
    for (const other of others) expect(other.equals(first!)).toBe(true);
  });

  test('refuses half a VPC', async () => {
    await expect(vpcOf(parameters({ subnets: 'subnet-0a1b2c3d' }))).rejects.toThrow(
      /both parameters/,
    );
  });

  test.each([
    'https://hooks.example.com/T0/B0',
    '{{resolve:ssm:webhook}}',
    '{{resolve:ssm-secure:webhook:1}}',
    'https://{{resolve:secretsmanager:host}}/T0/B0',
    '{{resolve:secretsmanager:a}} ',
  ])(
    'refuses a webhook that is not a reference to a secret, and does not print it: %s',
    async (webhook) => {
      const refusal = await subscriptions(parameters({ webhook, 'self:custom.name': 'sync-prod' }))
        .then(() => '')
        .catch((error: Error) => error.message);
      expect(refusal).toContain('webhook={{resolve:secretsmanager:sync-prod/webhook}}');
      expect(refusal).not.toContain(webhook);
    },
  );

  test.each([
    '{{resolve:secretsmanager:federation-sync-prod/webhook}}',
    '{{resolve:secretsmanager:alarms:SecretString:url}}',
    '{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf}}',
  ])('passes %s on as it is', async (webhook) => {
    const { Resources } = await subscriptions(parameters({ webhook }));
    expect(Resources).toMatchObject({
      WebhookDestination: { Properties: { InvocationEndpoint: webhook } },
    });
  });

  test('refuses a silence that ends between two runs of the schedule', async () => {
    await expect(resources(parameters({ silence: '7' }))).rejects.toThrow(/multiple of 5/);
  });

  test('refuses settings that are not there, that hold no job, or that only work elsewhere', () => {
    const read = (name: string, text?: string) => {
      if (text !== undefined) writeFileSync(join(service.folder, name), text);
      return () => readSettings(service.folder, name);
    };
    expect(read('none.yml')).toThrow(/none\.yml/);
    expect(read('empty.yml', 'jobs: []\n')).toThrow(/empty\.yml: jobs/);
    const inPod = settingsOfTwoAccounts.replace(/eks: .*/, 'inCluster: true');
    expect(read('pod.yml', inPod)).toThrow(/cluster\.eks/);
    const files = settingsOfTwoAccounts.replace(/configMap: \{.*?\}/, 'file: prometheus.yml');
    expect(read('files.yml', files)).toThrow(/no files/);
  });
});

/** What a zip's directory lists, unpacked; faults of a file's checksum or length are thrown. */
function filesOf(zip: Buffer): Record<string, string> {
  const files: Record<string, string> = {};
  let at = zip.readUInt32LE(zip.length - 6);
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [checksum, packed, length] = [16, 20, 24].map((field) => zip.readUInt32LE(at + field));
    const nameEnd = at + 46 + zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, nameEnd);
    const local = zip.readUInt32LE(at + 42);
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = inflateRawSync(zip.subarray(data, data + packed!));
    if (crc32(content) !== checksum || content.length !== length)
      throw new Error(`${name} is broken`);
    files[name] = content.toString();
    at = nameEnd + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

/** Parameters by their name; what is not one, by its whole expression. */
function parameters(given: Record<string, string>) {
  return {
    resolveVariable: async (expression: string) => given[expression.replace('param:', '')] ?? '',
  };
}

describe('the function', () => {
  test('runs on the runtime that the tests run on', () => {
    const major = process.version.match(/^v(\d+)/)![1];
    expect(fn()).toMatchObject({
      Runtime: `nodejs${major}.x`,
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
  });

  test('keeps its log for a month', () => {
    expect(template.Resources.SyncLogGroup!.Properties).toEqual({
      LogGroupName: '/aws/lambda/federation-sync-prod',
      RetentionInDays: 30,
    });
  });

  test('may do this and nothing else', () => {
    expect(
      statements(template).map(({ Effect, Action, Resource }: Record<string, unknown>) => ({
        Effect,
        Action,
        Resource,
      })),
    ).toEqual([
      {
        Effect: 'Allow',
        Action: ['route53:GetHostedZone', 'route53:ListResourceRecordSets'],
        Resource: [
          arn('arn:{Partition}:route53:::hostedzone/Z08214473FVAJ9QTLWTEC'),
          arn('arn:{Partition}:route53:::hostedzone/Z3M3LMPEXAMPLE'),
        ],
      },
      {
        Effect: 'Allow',
        Action: ['sts:AssumeRole'],
        Resource: [
          'arn:aws:iam::222222222222:role/federation-sync-prod-reader-123456789012-eu-west-1',
        ],
      },
      {
        Effect: 'Allow',
        Action: ['eks:DescribeCluster'],
        Resource: [arn('arn:{Partition}:eks:eu-west-1:{AccountId}:cluster/central')],
      },
      {
        Effect: 'Allow',
        Action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        Resource: [{ 'Fn::GetAtt': ['Queue', 'Arn'] }],
      },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: [
          arn(
            'arn:{Partition}:logs:{Region}:{AccountId}:log-group:/aws/lambda/federation-sync-prod:*',
          ),
        ],
      },
    ]);
    expect(fn().Role).toEqual({ 'Fn::Sub': '\x24{SyncRole.Arn}' });
    expect(Object.keys(ofType(template, 'AWS::IAM::Role'))).toEqual(['SyncRole']);
  });

  test('carries the boundary of the deployment role, as every role does, unless told not to', async () => {
    for (const { template } of Object.values(packaged))
      for (const [id, { Properties }] of Object.entries(ofType(template, 'AWS::IAM::Role'))) {
        const region = Properties.RoleName.match(/(?<=federation-sync-prod-)[a-z]+-[a-z]+-\d/)[0];
        expect(Properties.PermissionsBoundary, id).toEqual(
          arn(`arn:{Partition}:iam::{AccountId}:policy/federation-sync-prod-${region}-boundary`),
        );
      }
    const given = { silence: '20', webhook, 'self:custom.name': 'federation-sync-prod' };
    const roles = async (boundary: string) => {
      const all = parameters({ ...given, boundary, settings: 'infra/federation-sync.example.yml' });
      const { Resources } = await resources(all);
      const webhooks = await subscriptions(all);
      return [Resources.SyncRole, Object(webhooks.Resources).WebhookRole].map(
        ({ Properties }) => Properties.PermissionsBoundary,
      );
    };
    expect(await roles('none')).toEqual([undefined, undefined]);
    const ours = arn('arn:{Partition}:iam::{AccountId}:policy/ours');
    expect(await roles('ours')).toEqual([ours, ours]);
  });

  test('has of the settings what `federation-sync policy` prints', () => {
    const resolved = JSON.parse(
      JSON.stringify(statements(template).slice(0, 3))
        .replaceAll(/\{"Fn::Sub":("[^"]*")\}/g, '$1')
        .replaceAll(/\$\{AWS::Partition\}/g, 'aws')
        .replaceAll(/\$\{AWS::AccountId\}/g, '123456789012'),
    );
    const { Statement } = iamPolicy(parseSettings(settingsOfTwoAccounts, 'settings', '/'), {
      account: '123456789012',
    });
    expect(resolved).toEqual(Statement);
  });

  test('may attach itself to a VPC where it has one, and its code may not', () => {
    const [attach, deny] = statements(packaged.elsewhereInVpc.template).slice(-2);
    expect(attach).toMatchObject({ Effect: 'Allow', Resource: ['*'] });
    expect(attach.Action.every((action: string) => action.startsWith('ec2:'))).toBe(true);
    expect(deny).toMatchObject({
      Effect: 'Deny',
      Action: attach.Action,
      Condition: { ArnEquals: { 'lambda:SourceFunctionArn': [expect.anything()] } },
    });
  });
});

describe('the way of an event', () => {
  const ruleIds = () =>
    Object.entries(ofType(template, 'AWS::Events::Rule'))
      .filter(([, rule]) => rule.Properties.EventPattern)
      .map(([id]) => id);

  test.each(events)('$title: passes $passes', ({ event, passes }) => {
    const { EventPattern } = template.Resources.ChangesRule1!.Properties;
    expect(matches(EventPattern, event)).toBe(passes);
  });

  test('leads every target that fails to the dead letters, which accept only these rules', () => {
    const { template } = packaged.elsewhereInVpc;
    const rules = ofType(template, 'AWS::Events::Rule');
    expect(Object.keys(rules).sort()).toEqual([
      'ChangesRule1',
      'SyncEventsRuleSchedule1',
      'WebhookRule',
    ]);
    for (const [id, { Properties }] of Object.entries(rules)) {
      expect(Properties.Targets, id).toHaveLength(1);
      expect(Properties.Targets[0].DeadLetterConfig, id).toEqual({
        Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] },
      });
    }
    const toDeadLetters = template.Resources.QueuePolicy!.Properties.PolicyDocument.Statement[1];
    expect(toDeadLetters.Resource).toEqual({ 'Fn::GetAtt': ['DeadLetters', 'Arn'] });
    expect(toDeadLetters.Condition.ArnEquals['aws:SourceArn']).toHaveLength(3);
    expect(toDeadLetters.Condition.ArnEquals['aws:SourceArn']).toEqual(
      expect.arrayContaining(Object.keys(rules).map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] }))),
    );
  });

  test('accepts EventBridge only on behalf of this account', () => {
    const account = { Ref: 'AWS::AccountId' };
    for (const { template } of Object.values(packaged)) {
      for (const { Condition } of template.Resources.QueuePolicy!.Properties.PolicyDocument
        .Statement)
        expect(Condition.StringEquals).toEqual({ 'aws:SourceAccount': account });
      for (const { Properties } of Object.values(ofType(template, 'AWS::Lambda::Permission')))
        expect(Properties.SourceAccount).toEqual(account);
      for (const { Properties } of Object.values(ofType(template, 'AWS::IAM::Role'))) {
        const [{ Principal, Condition }] = Properties.AssumeRolePolicyDocument.Statement;
        if (Principal.Service === 'events.amazonaws.com')
          expect(Condition).toEqual({ StringEquals: { 'aws:SourceAccount': account } });
      }
    }
    const trust = packaged.elsewhereInVpc.template.Resources.WebhookRole!.Properties;
    expect(trust.AssumeRolePolicyDocument.Statement).toHaveLength(1);
  });

  test('leads from the rule to the queue, and what cannot be delivered to the dead letters', () => {
    expect(ruleIds()).toEqual(['ChangesRule1']);
    expect(template.Resources.ChangesRule1!.Properties.Targets).toEqual([
      {
        Id: 'queue',
        Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } },
      },
    ]);
    const { Queues, PolicyDocument } = template.Resources.QueuePolicy!.Properties;
    expect(Queues).toEqual([{ Ref: 'Queue' }, { Ref: 'DeadLetters' }]);
    const [toQueue] = PolicyDocument.Statement;
    expect(toQueue.Condition.ArnEquals['aws:SourceArn']).toEqual(
      ruleIds().map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })),
    );
  });

  test('leads from the queue to the function in batches, two at a time at most', () => {
    expect(template.Resources.SyncEventSourceMappingSQSQueue!.Properties).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      MaximumBatchingWindowInSeconds: 60,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    expect(fn().ReservedConcurrentExecutions).toBeUndefined();
  });

  test('hides a message for as long as all its tries may take', () => {
    const { VisibilityTimeout, RedrivePolicy } = template.Resources.Queue!.Properties;
    const { MaximumBatchingWindowInSeconds } =
      template.Resources.SyncEventSourceMappingSQSQueue!.Properties;
    expect(VisibilityTimeout).toBeGreaterThanOrEqual(
      6 * fn().Timeout + MaximumBatchingWindowInSeconds,
    );
    expect(RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] },
      maxReceiveCount: 5,
    });
  });

  test('has a schedule in addition', () => {
    const [schedule] = Object.values(ofType(template, 'AWS::Events::Rule')).filter(
      (rule) => rule.Properties.ScheduleExpression,
    );
    expect(schedule!.Properties.ScheduleExpression).toBe('rate(5 minutes)');
  });

  test('may begin in another account that owns a zone', () => {
    const { Statement } = template.Resources.BusFor222222222222!.Properties;
    expect(Statement).toMatchObject({
      Principal: { AWS: arn('arn:{Partition}:iam::222222222222:root') },
      Action: 'events:PutEvents',
      Condition: { StringEquals: { 'events:source': 'aws.route53' } },
    });
  });

  test('has as many rules as the zones need, each short enough', () => {
    const zones = Array.from({ length: 45 }, (_, at) => ({
      zone: `Z${String(at).padStart(20, '0')}`,
    }));
    const job = { name: 'a', from: zones, select: { name: '.' }, to: { file: 'a' } };
    const patterns = eventPatterns(checkSettings({ jobs: [{ ...job, job: 'a' }] }, 'test', '/'));
    expect(patterns).toHaveLength(5);
    for (const pattern of patterns) expect(JSON.stringify(pattern).length).toBeLessThan(2048);
  });
});

describe('alarms', () => {
  test('go off for errors, dead letters, long runs, and for each job for silence and refusals', () => {
    const alarms = Object.values(ofType(template, 'AWS::CloudWatch::Alarm')).map(
      (alarm) => alarm.Properties,
    );
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual([
      'federation-sync-prod-dead-letters',
      'federation-sync-prod-deadline',
      'federation-sync-prod-errors',
      'federation-sync-prod-refused-federate',
      'federation-sync-prod-refused-probes',
      'federation-sync-prod-silence-federate',
      'federation-sync-prod-silence-probes',
    ]);
    for (const alarm of alarms) {
      expect(alarm.AlarmActions).toEqual([{ Ref: 'Alarms' }]);
      expect(alarm.AlarmDescription).not.toContain('"');
    }
  });

  test('for silence treat missing data as silence, for the configured time', () => {
    expect(packaged.elsewhereInVpc.template.Resources.SilenceAlarm1!.Properties).toMatchObject({
      Period: 300,
      EvaluationPeriods: 9,
      TreatMissingData: 'breaching',
    });
  });

  test('for long runs go off at four fifths of the timeout', () => {
    expect(template.Resources.DeadlineAlarm!.Properties.Threshold).toBe(0.8 * fn().Timeout * 1000);
  });

  test('watch the metrics that the function writes', () => {
    const lines: string[] = [];
    const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });
    const outcome = {
      job: { name: 'federate' },
      status: 'unchanged',
      targets: [],
      difference: { added: [], removed: [], changed: [] },
      withheld: [],
      kept: [],
      skipped: [],
      conflicts: 0,
    };
    putMetrics([outcome as unknown as Parameters<typeof putMetrics>[0][number]], 12);
    stdout.mockRestore();
    const { Namespace, Dimensions, Metrics } = JSON.parse(lines[0]!)._aws.CloudWatchMetrics[0];
    const written = Metrics.map(({ Name }: { Name: string }) => Name);
    for (const id of ['SilenceAlarm1', 'RefusedAlarm1']) {
      const alarm = template.Resources[id]!.Properties;
      expect(Namespace).toBe(alarm.Namespace);
      expect(Dimensions).toEqual([alarm.Dimensions.map(({ Name }: { Name: string }) => Name)]);
      expect(written).toContain(alarm.MetricName);
    }
  });

  test('reach an address and a webhook where they are given', () => {
    const { template } = packaged.elsewhereInVpc;
    expect(template.Resources.AlarmsEmail!.Properties).toEqual({
      TopicArn: { Ref: 'Alarms' },
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    });
    expect(template.Resources.WebhookDestination!.Properties.InvocationEndpoint).toBe(webhook);
    const { EventPattern } = template.Resources.WebhookRule!.Properties;
    const event = (alarmName: string, value: string) => ({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      detail: { alarmName, state: { value } },
    });
    expect(matches(EventPattern, event('federation-sync-prod-errors', 'ALARM'))).toBe(true);
    expect(matches(EventPattern, event('federation-sync-prod-errors', 'OK'))).toBe(false);
    expect(matches(EventPattern, event('of-somebody-else', 'ALARM'))).toBe(false);
  });
});

test('the templates for us-east-1, other accounts, the cluster, the pipeline and the CronJob are valid', () => {
  const folder = join(import.meta.dirname, '../../../infra/aws');
  const names = ['us-east-1', 'other-account', 'access-entry', 'deploy-role', 'pod-role'];
  expect(faultsOf(names.map((name) => join(folder, `${name}.yml`)))).toEqual([]);
});
