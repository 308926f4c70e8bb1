import { handlerPermissions } from '../infra/handler-permissions.ts';
import { account, type Json, pseudo, resolve } from '../infra/intrinsics.ts';
import type { Template } from '../infra/service.ts';
import type { Request } from './policy-evaluation.ts';

/** A resource of a packaged template, as it would exist in AWS. */
export interface Physical {
  readonly id: string;
  readonly type: string;
  readonly arn: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template's shape is CloudFormation's to check, not ours.
  readonly properties: any;
}

/** The template's resources with their ARNs; names that it does not set are generated as CloudFormation does. */
export function physical({ Resources }: Template, stack: string, region: string): Physical[] {
  const arns = Object.fromEntries(
    Object.entries(Resources).map(([id, { Type, Properties }]) => [
      id,
      arnOf(Type, (key) => namedBy(Properties, key) ?? `${stack}-${id}-1A2B3C4D5E6F`, region),
    ]),
  );
  const values = {
    refs: { ...pseudo(region), ...arns },
    attributes: Object.fromEntries(
      Object.entries(arns).flatMap(([id, arn]) => [
        [`${id}.Arn`, arn],
        [`${id}.QueueName`, arn.split(':').at(-1)!],
      ]),
    ),
  };
  return Object.entries(Resources).map(([id, { Type, Properties }]) => ({
    id,
    type: Type,
    arn: arns[id]!,
    properties: resolve(Properties, values),
  }));
}

const namedBy = (properties: Json, key: string): string | undefined =>
  typeof properties?.[key] === 'string' ? properties[key] : undefined;

/** The formats of the Service Authorization Reference. */
function arnOf(type: string, name: (key: string) => string, region: string): string {
  const of = (service: string, resource: string) =>
    `arn:aws:${service}:${region}:${account}:${resource}`;
  switch (type) {
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${name('BucketName').toLowerCase()}`;
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${account}:role/${name('RoleName')}`;
    case 'AWS::Lambda::Function':
      return of('lambda', `function:${name('FunctionName')}`);
    case 'AWS::Lambda::EventSourceMapping':
      return of('lambda', 'event-source-mapping:6f1d5a1e-0000-4000-8000-000000000000');
    case 'AWS::Logs::LogGroup':
      return of('logs', `log-group:${name('LogGroupName')}`);
    case 'AWS::SQS::Queue':
      return of('sqs', name('QueueName'));
    case 'AWS::SNS::Topic':
      return of('sns', name('TopicName'));
    case 'AWS::CloudWatch::Alarm':
      return of('cloudwatch', `alarm:${name('AlarmName')}`);
    case 'AWS::Events::Rule':
      return of('events', `rule/${name('Name')}`);
    case 'AWS::Events::Connection':
      return of('events', `connection/${name('Name')}/6f1d5a1e-0000-4000-8000-000000000000`);
    case 'AWS::Events::ApiDestination':
      return of('events', `api-destination/${name('Name')}/6f1d5a1e-0000-4000-8000-000000000000`);
    default:
      return '*';
  }
}

/** The calls that CloudFormation makes for this resource with the caller's credentials, by its schema. */
export function requestsFor(resource: Physical, all: readonly Physical[]): Request[] {
  const permissions = handlerPermissions[resource.type];
  if (!permissions)
    throw new Error(
      `${resource.id}: handler-permissions.ts has no ${resource.type}. Add the permissions of its resource schema.`,
    );
  return permissions.flatMap((action) =>
    targetsOf(action, resource, all).map(({ arn, context }) => ({
      action,
      resource: arn,
      context: { ...context, 'aws:CalledVia': ['cloudformation.amazonaws.com'] },
    })),
  );
}

interface Target {
  readonly arn: string;
  readonly context?: Request['context'];
}

/** Actions that have no resource, whatever they are called for (Service Authorization Reference). */
const withoutResource = new Set([
  ...['cloudwatch:DescribeAlarms', 'events:PutPermission', 'events:RemovePermission'],
  ...['lambda:CreateEventSourceMapping', 'logs:DescribeLogGroups', 'sns:Unsubscribe'],
  ...['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'],
]);

function targetsOf(action: string, resource: Physical, all: readonly Physical[]): Target[] {
  const { type, properties, arn } = resource;
  if (action === 'iam:PassRole') return passedRoles(resource);
  if (action === 'iam:CreateServiceLinkedRole') {
    const service = 'apidestinations.events.amazonaws.com';
    const linked = `arn:aws:iam::${account}:role/aws-service-role/${service}/AWSServiceRoleForAmazonEventBridgeApiDestinations`;
    return [{ arn: linked, context: { 'iam:AWSServiceName': service } }];
  }
  if (type === 'AWS::Lambda::EventSourceMapping') {
    const context = { 'lambda:FunctionArn': properties.FunctionName };
    return [{ arn: withoutResource.has(action) ? '*' : arn, context }];
  }
  if (withoutResource.has(action)) return [{ arn: '*' }];
  switch (type) {
    case 'AWS::IAM::Role':
      return [{ arn, context: { 'iam:PermissionsBoundary': properties.PermissionsBoundary } }];
    case 'AWS::Lambda::Function':
      if (action.startsWith('s3:'))
        return [{ arn: `${properties.Code.S3Bucket}/${properties.Code.S3Key}` }];
      return [{ arn: action.startsWith('lambda:') ? arn : '*' }];
    case 'AWS::Lambda::EventInvokeConfig':
    case 'AWS::Lambda::Permission': {
      const named = all.find((one) => one.type === 'AWS::Lambda::Function')!;
      return [{ arn: named.arn }];
    }
    case 'AWS::Logs::LogGroup':
      return [{ arn }, { arn: `${arn}:*` }];
    case 'AWS::S3::BucketPolicy':
      return [{ arn: properties.Bucket }];
    case 'AWS::SQS::QueuePolicy':
      return properties.Queues.map((queue: string) => ({ arn: queue }));
    case 'AWS::SNS::Subscription':
      return [{ arn: properties.TopicArn }];
    case 'AWS::Events::Connection':
      if (action.startsWith('secretsmanager:')) {
        const secret = `secret:events!connection/${properties.Name}/6f1d5a1e-AbCdEf`;
        return [{ arn: arn.replace(/:events:(.*):connection.*/, `:secretsmanager:$1:${secret}`) }];
      }
      // On creation there is no id yet.
      return [{ arn }, { arn: arn.slice(0, arn.lastIndexOf('/')) }];
    case 'AWS::Events::ApiDestination':
      return [{ arn }, { arn: arn.slice(0, arn.lastIndexOf('/')) }];
    default:
      return [{ arn }];
  }
}

function passedRoles({ type, properties }: Physical): Target[] {
  const passed = (roles: readonly (string | undefined)[], service: string) =>
    roles.flatMap((arn) => (arn ? [{ arn, context: { 'iam:PassedToService': service } }] : []));
  if (type === 'AWS::Lambda::Function') return passed([properties.Role], 'lambda.amazonaws.com');
  if (type !== 'AWS::Events::Rule') return [{ arn: '*' }];
  const roles = properties.Targets.map(({ RoleArn }: { RoleArn?: string }) => RoleArn);
  return passed(roles, 'events.amazonaws.com');
}
