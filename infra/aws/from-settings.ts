import { iamPolicy, zonesOf } from '../../src/policy.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { eventPatterns } from './event-pattern.ts';
import { readSettings, settingsPath } from './settings.ts';

/**
 * The parts of serverless.yml that follow from federation-sync.yml and from the parameters. serverless.yml
 * asks for each export by name.
 */

interface Osls {
  /** Resolves what would stand between `${` and `}` in serverless.yml. */
  resolveVariable(expression: string): Promise<string>;
}

interface Deployment {
  /** Function, queue and alarms are called by it. */
  readonly name: string;
  readonly region: string;
  readonly inVpc: boolean;
  /** Minutes without a good run until a job's alarm goes off. */
  readonly silence: number;
}

export async function vpc({ resolveVariable }: Osls) {
  const subnets = split(await resolveVariable('param:subnets'));
  const securityGroups = split(await resolveVariable('param:securityGroups'));
  if (subnets.length === 0 && securityGroups.length === 0) return null;
  if (subnets.length === 0 || securityGroups.length === 0)
    throw new Error('A VPC takes both parameters: subnets and securityGroups.');
  return { subnetIds: subnets, securityGroupIds: securityGroups };
}

export async function resources({ resolveVariable }: Osls) {
  const given = await resolveVariable('param:settings');
  const silence = Number(await resolveVariable('param:silence'));
  if (!(silence > 0 && silence % 5 === 0))
    throw new Error('Parameter silence: minutes, a multiple of 5 (the schedule).');
  return resourcesFor(readSettings('.', settingsPath('.', given)), {
    name: await resolveVariable('self:custom.name'),
    region: await resolveVariable('self:provider.region'),
    inVpc: (await resolveVariable('param:subnets')) !== '',
    silence,
  });
}

export function resourcesFor(settings: Settings, deployment: Deployment) {
  return {
    Resources: {
      SyncRole: syncRole(settings, deployment),
      ...rules(settings, deployment),
      ...busPolicies(settings),
      ...jobAlarms(settings, deployment),
    },
  };
}

// --- identity ------------------------------------------------------------------------------------------

function syncRole(settings: Settings, { name, region, inVpc }: Deployment) {
  const scope = { partition: aws('Partition'), account: aws('AccountId'), region: aws('Region') };
  const { Statement } = iamPolicy(settings, scope);
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      // A fixed name, so that access entries and other accounts' roles can name it beforehand.
      RoleName: `${name}-${region}`,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      },
      Policies: [
        {
          PolicyName: 'sync',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              ...Statement.map((statement) => ({
                ...statement,
                Resource: statement.Resource.map((text) =>
                  text.includes('${') ? sub(text) : text,
                ),
              })),
              {
                Sid: 'TakeMessages',
                Effect: 'Allow',
                Action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
                Resource: [{ 'Fn::GetAtt': ['Queue', 'Arn'] }],
              },
              {
                Sid: 'WriteLogs',
                Effect: 'Allow',
                Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
                Resource: [arn('logs', `log-group:/aws/lambda/${name}:*`)],
              },
              ...(inVpc ? networkInterfaces(name) : []),
            ],
          },
        },
      ],
    },
  };
}

/** Lambda itself needs these to attach the function; EC2 limits none of them to one interface. */
function networkInterfaces(name: string) {
  const Action = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSubnets',
    'ec2:DescribeVpcs',
    'ec2:UnassignPrivateIpAddresses',
  ];
  return [
    { Sid: 'AttachToVpc', Effect: 'Allow', Action, Resource: ['*'] },
    {
      Sid: 'OnlyLambdaAttaches',
      Effect: 'Deny',
      Action,
      Resource: ['*'],
      Condition: {
        ArnEquals: {
          'lambda:SourceFunctionArn': [arn('lambda', `function:${name}`)],
        },
      },
    },
  ];
}

// --- events --------------------------------------------------------------------------------------------

function rules(settings: Settings, { name }: Deployment) {
  const patterns = eventPatterns(settings);
  if (patterns.length === 0) return {};
  const ruleIds = patterns.map((_, index) => `ChangesRule${index + 1}`);
  const entries = patterns.map((pattern, index) => [
    ruleIds[index],
    {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: `${name}-changes-${index + 1}`,
        Description: 'Changes of the zones that federation-sync.yml names',
        EventPattern: pattern,
        Targets: [
          {
            Id: 'queue',
            Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
            DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } },
          },
        ],
      },
    },
  ]);
  return {
    ...Object.fromEntries(entries),
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }, { Ref: 'DeadLetters' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: ['Queue', 'DeadLetters'].map((queue) => ({
            Sid: `RulesTo${queue}`,
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
            Condition: {
              ArnEquals: { 'aws:SourceArn': ruleIds.map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })) },
            },
          })),
        },
      },
    },
  };
}

/** Accounts whose zones are read may send their changes of records to this Region's bus, and nothing else. */
function busPolicies(settings: Settings) {
  const accounts = zonesOf(settings).flatMap(({ roleArn }) => roleArn?.split(':')[4] ?? []);
  return Object.fromEntries(
    [...new Set(accounts)].sort().map((account) => [
      `BusFor${account}`,
      {
        Type: 'AWS::Events::EventBusPolicy',
        Properties: {
          EventBusName: 'default',
          StatementId: `route53-of-${account}`,
          Statement: {
            Effect: 'Allow',
            Principal: { AWS: sub(`arn:${aws('Partition')}:iam::${account}:root`) },
            Action: 'events:PutEvents',
            Resource: arn('events', 'event-bus/default'),
            Condition: { StringEquals: { 'events:source': 'aws.route53' } },
          },
        },
      },
    ]),
  );
}

// --- alarms --------------------------------------------------------------------------------------------

function jobAlarms(settings: Settings, { name, silence }: Deployment) {
  return Object.fromEntries(
    settings.jobs.flatMap(({ name: job }, index) => {
      const alarm = {
        Namespace: 'FederationSync',
        Dimensions: [{ Name: 'job', Value: job }],
        Statistic: 'Sum',
        Period: 300,
        AlarmActions: [{ Ref: 'Alarms' }],
        OKActions: [{ Ref: 'Alarms' }],
      };
      return [
        [
          `SilenceAlarm${index + 1}`,
          {
            Type: 'AWS::CloudWatch::Alarm',
            Properties: {
              ...alarm,
              AlarmName: `${name}-silence-${job}`,
              AlarmDescription: `Job ${job} had no good run for ${silence} minutes, so its list may be out of date. Invoke the function by hand and read the answer.`,
              MetricName: 'Succeeded',
              EvaluationPeriods: silence / 5,
              ComparisonOperator: 'LessThanThreshold',
              Threshold: 1,
              TreatMissingData: 'breaching',
            },
          },
        ],
        [
          `RefusedAlarm${index + 1}`,
          {
            Type: 'AWS::CloudWatch::Alarm',
            Properties: {
              ...alarm,
              AlarmName: `${name}-refused-${job}`,
              AlarmDescription: `The guard refused to change the list of job ${job}. See what would go: federation-sync plan --job ${job}. If it is meant: federation-sync sync --job ${job} --force`,
              MetricName: 'Refused',
              EvaluationPeriods: 1,
              ComparisonOperator: 'GreaterThanOrEqualToThreshold',
              Threshold: 1,
              TreatMissingData: 'notBreaching',
            },
          },
        ],
      ];
    }),
  );
}

export async function subscriptions({ resolveVariable }: Osls) {
  const email = await resolveVariable('param:email');
  const webhook = await resolveVariable('param:webhook');
  const name = await resolveVariable('self:custom.name');
  return {
    Resources: {
      ...(email && {
        AlarmsEmail: {
          Type: 'AWS::SNS::Subscription',
          Properties: { TopicArn: { Ref: 'Alarms' }, Protocol: 'email', Endpoint: email },
        },
      }),
      ...(webhook && webhookResources(webhook, name)),
    },
  };
}

/**
 * An incoming webhook (Slack and Mattermost take the same JSON) without code of ours: CloudWatch tells
 * EventBridge of every alarm that changes state, and an API destination posts it.
 */
export function webhookResources(endpoint: string, name: string) {
  return {
    WebhookConnection: {
      Type: 'AWS::Events::Connection',
      Properties: {
        Name: `${name}-webhook`,
        // The webhook's secret is its URL; a connection wants a header all the same.
        AuthorizationType: 'API_KEY',
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Sent-By', ApiKeyValue: name } },
      },
    },
    WebhookDestination: {
      Type: 'AWS::Events::ApiDestination',
      Properties: {
        Name: `${name}-webhook`,
        ConnectionArn: { 'Fn::GetAtt': ['WebhookConnection', 'Arn'] },
        HttpMethod: 'POST',
        InvocationEndpoint: endpoint,
        InvocationRateLimitPerSecond: 1,
      },
    },
    WebhookRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sts:AssumeRole',
            },
          ],
        },
        Policies: [
          {
            PolicyName: 'post',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Action: ['events:InvokeApiDestination'],
                  Resource: [{ 'Fn::GetAtt': ['WebhookDestination', 'Arn'] }],
                },
              ],
            },
          },
        ],
      },
    },
    WebhookRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: `${name}-webhook`,
        Description: 'Alarms of federation-sync to the incoming webhook',
        EventPattern: {
          source: ['aws.cloudwatch'],
          'detail-type': ['CloudWatch Alarm State Change'],
          detail: { alarmName: [{ prefix: `${name}-` }], state: { value: ['ALARM'] } },
        },
        Targets: [
          {
            Id: 'webhook',
            Arn: { 'Fn::GetAtt': ['WebhookDestination', 'Arn'] },
            RoleArn: { 'Fn::GetAtt': ['WebhookRole', 'Arn'] },
            InputTransformer: {
              InputPathsMap: {
                alarm: '$.detail.alarmName',
                why: '$.detail.configuration.description',
                region: '$.region',
                account: '$.account',
              },
              InputTemplate: '{"text": "<alarm> in <region> of <account>: <why>"}',
            },
          },
        ],
      },
    },
  };
}

const aws = (pseudoParameter: string) => `\${AWS::${pseudoParameter}}`;

const sub = (text: string) => ({ 'Fn::Sub': text });

const arn = (service: string, resource: string) =>
  sub(`arn:${aws('Partition')}:${service}:${aws('Region')}:${aws('AccountId')}:${resource}`);

const split = (list: string) => list.split(',').filter(Boolean);
