import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { functionFiles } from '../../../infra/aws/bundle.ts';
import { eventPatterns } from '../../../infra/aws/event-pattern.ts';
import { batch, resources, subscriptions, vpc as vpcOf } from '../../../infra/aws/from-settings.ts';
import { readSettings } from '../../../infra/aws/settings.ts';
import { webhookRules } from '../../../infra/aws/webhook-rules.ts';
import type { JobCoverage } from '../../../src/coverage/rungs.ts';
import { Fault } from '../../../src/fault.ts';
import { coverageMetrics } from '../../../src/lambda-coverage.ts';
import { metricsOf, putMetrics } from '../../../src/lambda-metrics.ts';
import { iamPolicy } from '../../../src/policy.ts';
import { emptyOutcome } from '../../../src/report.ts';
import { packagedFile } from '../../../src/settings/packaged.ts';
import { checkSettings, parseSettings } from '../../../src/settings/parse.ts';
import { ALARMS, COVERAGE_ALARMS, COVERAGE_METRICS, METRICS } from '../../bench/costs.ts';
import { events } from './cloudtrail.ts';
import { matches } from './event-matcher.ts';
import {
  createService,
  filesOf,
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
  atOnce: ['--region', 'eu-west-1', '--param=batchWindow=0'],
  longest: ['--region', 'eu-west-1', '--param=batchWindow=300'],
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
    const code = functionFiles(join(service.folder, 'dist'));
    const settings = ['federation-sync.yml', packagedFile];
    expect(Object.keys(inZip)).toEqual([...Object.keys(code), ...settings]);
    expect(inZip['federation-sync.yml']).toBe(settingsOfTwoAccounts);
    for (const [name, content] of Object.entries(code)) expect(inZip[name]).toBe(`${content}`);
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

  test.each(['301', '-1', '1.5', 'x', ''])(
    'refuses a batch window that Lambda does not have: %s',
    async (batchWindow) => {
      await expect(batch(parameters({ batchWindow }))).rejects.toThrow(/from 0 to 300/);
    },
  );

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

/** Parameters by their name; what is not one, by its whole expression. */
function parameters(given: Record<string, string>) {
  return {
    resolveVariable: async (expression: string) =>
      ({ silence: '20', batchWindow: '60', ...given })[expression.replace('param:', '')] ?? '',
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
      { Effect: 'Allow', Action: ['eks:ListClusters'], Resource: ['*'] },
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
      JSON.stringify(statements(template).slice(0, 4))
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
      'WebhookOverRule',
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
    expect(toDeadLetters.Condition.ArnEquals['aws:SourceArn']).toHaveLength(4);
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
    // Lambda's limit for a queue without a window is 10.
    const batches = ({ template }: Packaged) => {
      const { BatchSize, MaximumBatchingWindowInSeconds } =
        template.Resources.SyncEventSourceMappingSQSQueue!.Properties;
      return [BatchSize, MaximumBatchingWindowInSeconds];
    };
    expect([packaged.elsewhere, packaged.longest, packaged.atOnce].map(batches)).toEqual([
      [1000, 60],
      [1000, 300],
      [10, 0],
    ]);
    expect(fn().ReservedConcurrentExecutions).toBeUndefined();
  });

  test('hides a message for as long as all its tries may take', () => {
    for (const { template } of Object.values(packaged)) {
      const { VisibilityTimeout, RedrivePolicy } = template.Resources.Queue!.Properties;
      const { MaximumBatchingWindowInSeconds } =
        template.Resources.SyncEventSourceMappingSQSQueue!.Properties;
      expect(VisibilityTimeout).toBe(6 * fn().Timeout + MaximumBatchingWindowInSeconds);
      expect(RedrivePolicy).toEqual({
        deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] },
        maxReceiveCount: 5,
      });
    }
  });

  test('has a schedule in addition, once in each period of the alarms, away from its ends', () => {
    const [schedule] = Object.values(ofType(template, 'AWS::Events::Rule')).filter(
      (rule) => rule.Properties.ScheduleExpression,
    );
    expect(schedule!.Properties.ScheduleExpression).toBe('cron(2/5 * * * ? *)');
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
  const alarmsOf = (template: Template) =>
    Object.values(ofType(template, 'AWS::CloudWatch::Alarm')).map((alarm) => alarm.Properties);
  const named = (kind: string) =>
    alarmsOf(template).find(({ AlarmName }) => AlarmName === `federation-sync-prod-${kind}`)!;

  interface Watched {
    Namespace: string;
    MetricName: string;
    Dimensions: { Name: string; Value: string }[];
  }
  /** The function's own metrics that alarms watch, those in metric math included. */
  const ofJobs = (template: Template): Watched[] =>
    alarmsOf(template)
      .flatMap(({ Metrics, ...alarm }) =>
        Metrics
          ? Metrics.flatMap(
              (it: { MetricStat?: { Metric: Watched } }) => it.MetricStat?.Metric ?? [],
            )
          : alarm,
      )
      .filter(({ Namespace }) => Namespace === 'FederationSync');

  test('are for the function, its queues, its rules, and each job', () => {
    const alarms = alarmsOf(template);
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual([
      'federation-sync-prod-coverage-failed-federate',
      'federation-sync-prod-dead-letters',
      'federation-sync-prod-deadline',
      'federation-sync-prod-errors',
      'federation-sync-prod-missing-federate',
      'federation-sync-prod-not-loaded-federate',
      'federation-sync-prod-paused-federate',
      'federation-sync-prod-paused-probes',
      'federation-sync-prod-queue-age',
      'federation-sync-prod-refused-federate',
      'federation-sync-prod-refused-probes',
      'federation-sync-prod-repaired-federate',
      'federation-sync-prod-repaired-probes',
      'federation-sync-prod-rule-changes-1',
      'federation-sync-prod-rule-schedule',
      'federation-sync-prod-silence-federate',
      'federation-sync-prod-silence-probes',
      'federation-sync-prod-throttles',
    ]);
    for (const alarm of alarms) {
      expect(alarm.AlarmActions).toEqual([{ Ref: 'Alarms' }]);
      expect(alarm.OKActions).toEqual([{ Ref: 'Alarms' }]);
      expect(alarm.AlarmDescription).not.toContain('"');
    }
  });

  test('watch as many metrics as the costs in performance.md count, for one job', () => {
    const metrics = alarmsOf(template).flatMap(({ AlarmName, Metrics = [{}] }) =>
      Metrics.filter(({ Expression }: { Expression?: string }) => !Expression).map(() => AlarmName),
    );
    expect(metrics.filter((name) => !name.endsWith('-probes'))).toHaveLength(
      ALARMS + COVERAGE_ALARMS,
    );
  });

  test('watch every rule of the template for events that could not be delivered', () => {
    for (const { template } of [packaged.elsewhere, packaged.elsewhereInVpc]) {
      const watched = alarmsOf(template)
        .filter(({ MetricName }) => MetricName === 'FailedInvocations')
        .flatMap(({ Namespace, Dimensions }) => {
          expect(Namespace).toBe('AWS/Events');
          return Dimensions.map(({ Value }: { Value: { Ref: string } }) => Value.Ref);
        });
      expect(watched.sort()).toEqual(Object.keys(ofType(template, 'AWS::Events::Rule')).sort());
    }
  });

  test('watch the age of changes in the queue, beyond two receives of a message', () => {
    for (const { template } of Object.values(packaged)) {
      const { Threshold } = alarmsOf(template).find(
        ({ AlarmName }) => AlarmName === 'federation-sync-prod-queue-age',
      )!;
      const { VisibilityTimeout } = template.Resources.Queue!.Properties;
      expect(Threshold).toBeGreaterThan(2 * VisibilityTimeout);
      expect(Threshold).toBeLessThan(3 * VisibilityTimeout);
    }
    const alarm = named('queue-age');
    expect(alarm).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] } }],
      Statistic: 'Maximum',
    });
  });

  test('for silence count a paused run, and treat missing data as silence, for the configured time', () => {
    const silence = alarmsOf(packaged.elsewhereInVpc.template).find(
      ({ AlarmName }) => AlarmName === 'federation-sync-prod-silence-federate',
    )!;
    expect(silence).toMatchObject({
      EvaluationPeriods: 9,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
    });
    const [sum, ...metrics] = silence.Metrics;
    expect(sum).toMatchObject({ Expression: 'succeeded + paused', ReturnData: true });
    expect(
      metrics.map(({ Id, MetricStat, ReturnData }: Record<string, { Metric: object }>) => ({
        Id,
        ...MetricStat,
        ReturnData,
      })),
    ).toMatchObject([
      { Id: 'succeeded', Metric: { MetricName: 'Succeeded' }, Period: 300, ReturnData: false },
      { Id: 'paused', Metric: { MetricName: 'Paused' }, Period: 300, ReturnData: false },
    ]);
  });

  test('for a pause go off after a day in which every run was paused', () => {
    const { Period, EvaluationPeriods, ...alarm } = named('paused-federate');
    expect(Period * EvaluationPeriods).toBe(24 * 60 * 60);
    expect(alarm.DatapointsToAlarm).toBeUndefined();
    expect(alarm).toMatchObject({ Statistic: 'Minimum', Threshold: 1 });
  });

  test('for long runs go off at four fifths of the timeout', () => {
    expect(named('deadline').Threshold).toBe(0.8 * fn().Timeout * 1000);
  });

  test('watch the metrics that the function writes', () => {
    const lines: string[] = [];
    const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });
    const list = { job: { name: 'federate' } } as Parameters<typeof emptyOutcome>[0];
    const outcomes = [emptyOutcome(list, 'unchanged')];
    const run = { trigger: 'schedule', changedAt: undefined } as const;
    putMetrics(metricsOf(outcomes, [], run), 'federation-sync-prod', 12);
    stdout.mockRestore();
    const { Namespace, Dimensions, Metrics } = JSON.parse(lines[0]!)._aws.CloudWatchMetrics[0];
    const written = Metrics.map(({ Name }: { Name: string }) => Name);
    // The costs in performance.md count each.
    expect(METRICS).toEqual(expect.arrayContaining(written));
    const watched = ofJobs(template);
    const ofEachJob = [
      ...['Succeeded', 'Paused', 'Refused', 'Paused'],
      ...['Succeeded', 'Repaired', 'Repaired'],
    ];
    expect(watched.map(({ MetricName }) => MetricName)).toEqual([
      ...ofEachJob,
      ...['NotLoaded', 'Added', 'Missing', 'CoverageFailed'],
      ...ofEachJob,
    ]);
    for (const metric of watched) {
      expect(Namespace).toBe(metric.Namespace);
      expect(Dimensions).toEqual([metric.Dimensions.map(({ Name }) => Name)]);
      expect(metric.Dimensions[0]).toEqual({ Name: 'function', Value: fn().FunctionName });
      expect([...METRICS, ...COVERAGE_METRICS]).toContain(metric.MetricName);
    }
  });

  test('watch what a scheduled run writes of the expected clusters, also where it could not find out', () => {
    const job = { name: 'federate' } as JobCoverage['job'];
    const found: JobCoverage = { job, clusters: [], orphaned: [], faults: [] };
    const failed = { ...found, faults: [new Fault('clusters-forbidden', 'x')] };
    const written = (coverage: JobCoverage) =>
      Object.keys(coverageMetrics([coverage]).get('federate')!);
    // The costs in performance.md count each.
    expect(written(found).sort()).toEqual([...COVERAGE_METRICS].sort());
    expect(written(failed)).toEqual(['CoverageFailed']);
    for (const kind of ['missing', 'coverage-failed'])
      expect(written(found)).toContain(named(`${kind}-federate`).MetricName);
  });

  test('reach an address and a webhook where they are given', () => {
    const { template } = packaged.elsewhereInVpc;
    expect(template.Resources.AlarmsEmail!.Properties).toEqual({
      TopicArn: { Ref: 'Alarms' },
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    });
    expect(template.Resources.WebhookDestination!.Properties.InvocationEndpoint).toBe(webhook);
    const posts = (rule: string, alarmName: string, value: string, before: string) =>
      matches(template.Resources[rule]!.Properties.EventPattern, {
        source: 'aws.cloudwatch',
        'detail-type': 'CloudWatch Alarm State Change',
        detail: { alarmName, state: { value }, previousState: { value: before } },
      });
    const mine = alarmsOf(template)
      .map(({ AlarmName }) => AlarmName)
      // An alarm about the webhook's own rules would not get through.
      .filter((name) => !/-rule-webhook/.test(name));
    expect(mine).toHaveLength(18);
    for (const name of mine) {
      expect(posts('WebhookRule', name, 'ALARM', 'OK'), name).toBe(true);
      expect(posts('WebhookRule', name, 'OK', 'ALARM'), name).toBe(false);
      expect(posts('WebhookOverRule', name, 'OK', 'ALARM'), name).toBe(true);
      // A new alarm.
      expect(posts('WebhookOverRule', name, 'OK', 'INSUFFICIENT_DATA'), name).toBe(false);
      // The same alarm of another stage.
      const theirs = name.replace('-prod-', '-prod-eu-');
      expect(posts('WebhookRule', theirs, 'ALARM', 'OK'), theirs).toBe(false);
      expect(posts('WebhookOverRule', theirs, 'OK', 'ALARM'), theirs).toBe(false);
    }
  });

  test('reach the webhook by as many rules as their names need, each short enough', () => {
    const names = Array.from({ length: 300 }, (_, at) => `federation-sync-prod-silence-job-${at}`);
    const rules = Object.entries(webhookRules('federation-sync-prod', names));
    for (const [, { Properties }] of rules)
      expect(JSON.stringify(Properties.EventPattern).length).toBeLessThan(2048);
    const alarmNames = (kind: string) =>
      rules
        .filter(([id]) => id.replace(/\d+$/, '') === kind)
        .flatMap(
          ([, { Properties }]) =>
            (Properties.EventPattern.detail as { alarmName: string[] }).alarmName,
        );
    expect(alarmNames('WebhookRule')).toEqual(names);
    expect(alarmNames('WebhookOverRule')).toEqual(names);
    expect(new Set(rules.map(([, { Properties }]) => Properties.Name)).size).toBe(rules.length);
  });
});

test('the templates for us-east-1, other accounts, the cluster, the pipeline and the CronJob are valid', () => {
  const folder = join(import.meta.dirname, '../../../infra/aws');
  const names = ['us-east-1', 'other-account', 'access-entry', 'deploy-role', 'pod-role'];
  expect(faultsOf(names.map((name) => join(folder, `${name}.yml`)))).toEqual([]);
});
