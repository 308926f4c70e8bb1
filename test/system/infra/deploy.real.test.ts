import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AwsCredentialIdentity } from '@smithy/types';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { webhookRules } from '../../../infra/aws/webhook-rules.ts';
import { describeWith } from '../../support/parts/available.ts';
import { findAws, findCfnLint } from '../../support/parts/found.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { run as doctorIn } from '../../unit/commands/run.ts';
import { type CloudTrailEvent, change, events } from './cloudtrail.ts';
import { createService, type Service, settingsOfTwoAccounts } from './service.ts';
import { notFollowed } from './validate.ts';

// A deployment is some twenty processes, each of which a busy machine starts in a second.
vi.setConfig({ testTimeout: 240_000 });

const run = promisify(execFile);
const templates = join(import.meta.dirname, '../../../infra/aws');

describeWith('cfn-lint', 'the templates', () => {
  test('have nothing that cfn-lint warns of', async () => {
    const service = await createService(settingsOfTwoAccounts);
    try {
      const packaged = await service.package([
        '--param=webhook={{resolve:secretsmanager:federation-sync-prod/webhook}}',
      ]);
      const files = [packaged.file, join(templates, '*.yml')];
      const ignored = Object.keys(notFollowed).flatMap((rule) => ['--ignore-checks', rule]);
      await run(findCfnLint()!, [...files, ...ignored]);
    } finally {
      service.remove();
    }
  });
});

/** Deployments with the very commands of infra/guides/deploy.md; moto stands where AWS would. */
describeWith(['moto', 'aws'], 'a deployment', () => {
  const zonesAccount = '222222222222';
  let moto: Moto;
  let service: Service;

  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto.stop());
  beforeEach(async () => {
    await moto.reset();
    service = await createService(settingsOfTwoAccounts);
  });
  afterEach(() => service.remove());

  // What surrounds the deployments goes through the SDK: each call of the CLI is half a second of Python.
  const ours: AwsCredentialIdentity = { accessKeyId: 'testing', secretAccessKey: 'testing' };
  const clientOf = (region: string) => ({ region, endpoint: moto.endpoint, credentials: ours });

  async function aws<T>(args: readonly string[], env: Record<string, string> = {}): Promise<T> {
    // The CLI's first version does not take SQS's endpoint from the environment.
    const options = ['--output', 'json', '--endpoint-url', moto.endpoint];
    const { stdout } = await run(findAws()!, [...args, ...options], {
      env: { ...process.env, ...moto.env, ...env },
    });
    return (stdout.trim() ? JSON.parse(stdout) : undefined) as T;
  }
  const cloudformation = (file: string, parameters: string[], region: string, env = {}) =>
    run(
      findAws()!,
      [
        ...[
          'cloudformation',
          'deploy',
          '--region',
          region,
          '--stack-name',
          `federation-sync-${file}`,
        ],
        ...[
          '--template-file',
          join(templates, `${file}.yml`),
          '--capabilities',
          'CAPABILITY_NAMED_IAM',
        ],
        ...['--parameter-overrides', ...parameters],
      ],
      { env: { ...process.env, ...moto.env, ...env } },
    );

  /** `osls deploy`; then two of moto's ways are switched off that AWS does not have. */
  async function deploy(region: string, args: readonly string[] = []): Promise<void> {
    await service.osls(['deploy', '--region', region, ...args], moto.env);
    // It takes messages off the queue at once, to run the function in a container; failing that, they end
    // among the dead letters.
    const lambda = new LambdaClient(clientOf(region));
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand());
    expect(EventSourceMappings).not.toHaveLength(0);
    for (const { UUID } of EventSourceMappings)
      await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    // It calls a schedule's target at every event.
    const bridge = new EventBridgeClient(clientOf(region));
    const { Rules = [] } = await bridge.send(new ListRulesCommand());
    const scheduled = Rules.filter((rule) => rule.ScheduleExpression);
    expect(scheduled).not.toHaveLength(0);
    for (const { Name } of scheduled)
      await bridge.send(new RemoveTargetsCommand({ Rule: Name, Ids: ['syncSchedule'] }));
  }

  /** Puts them on the default bus, at most ten at a time as EventBridge wants it. */
  async function send(
    sent: readonly CloudTrailEvent[],
    region: string,
    credentials = ours,
  ): Promise<void> {
    const entries = sent.map((event) => ({
      Source: event.source,
      DetailType: event['detail-type'],
      Detail: JSON.stringify(event.detail),
    }));
    const bridge = new EventBridgeClient({ ...clientOf(region), credentials });
    for (let at = 0; at < entries.length; at += 10) {
      const Entries = entries.slice(at, at + 10);
      const { FailedEntryCount } = await bridge.send(new PutEventsCommand({ Entries }));
      expect(FailedEntryCount).toBe(0);
    }
  }

  /** Bodies of what lies in the queue, which is emptied. */
  async function received(region: string, name = 'federation-sync-prod') {
    const sqs = new SQSClient(clientOf(region));
    const queue = {
      QueueUrl: `${moto.endpoint}/123456789012/${name}`,
      MaxNumberOfMessages: 10,
    };
    const bodies: CloudTrailEvent[] = [];
    for (;;) {
      const { Messages } = await sqs.send(new ReceiveMessageCommand(queue));
      if (!Messages) return bodies;
      bodies.push(...Messages.map(({ Body = '' }) => JSON.parse(Body)));
    }
  }

  /** What doctor finds of the event path, with the settings of the deployment. */
  async function eventPath(): Promise<string[]> {
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
    const { json } = await doctorIn(service.folder, ['doctor', '--json']);
    vi.unstubAllEnvs();
    const findings: { status: string; about: string; message: string }[] = json.findings;
    return findings
      .filter(({ about }) => about === 'event path')
      .map(({ status, message }) => `${status}: ${message}`);
  }

  /** The events of cloudtrail.ts, each named by its title. */
  const named = events.map(({ title, event }) => ({
    ...event,
    detail: { ...event.detail, eventID: title },
  }));
  const passing = events.filter(({ passes }) => passes).map(({ title }) => title);
  const titles = (bodies: CloudTrailEvent[]) => bodies.map(({ detail }) => detail.eventID);

  test('in us-east-1 brings to its queue the events that concern it', async () => {
    await deploy('us-east-1', ['--param=email=ops@example.com']);
    await send(named, 'us-east-1');
    expect(titles(await received('us-east-1')).sort()).toEqual([...passing].sort());
  });

  test("elsewhere gets them through the stack in us-east-1, and another account's, whose zones it may read", async () => {
    await deploy('eu-west-1');
    expect((await eventPath())[1]).toMatch(
      /^warning: no rule in us-east-1 matches changes of zones/,
    );
    const zones = 'Zones=Z08214473FVAJ9QTLWTEC,Z3M3LMPEXAMPLE';
    await cloudformation('us-east-1', ['HomeRegion=eu-west-1', zones], 'us-east-1');
    expect(await eventPath()).toEqual([
      expect.stringMatching(/^note: changes of zone Z0148189XUB3LLEJKXPR are not checked/),
      expect.stringMatching(
        /^ok: changes of zones Z08214473FVAJ9QTLWTEC, Z3M3LMPEXAMPLE -> rule \S+ in us-east-1 -> rule federation-sync-prod-changes-1 in eu-west-1 -> queue federation-sync-prod \(0 messages\)$/,
      ),
      'note: rule federation-sync-prod-changes-1 had no event in 14 days',
      'warning: no trail records changes in Route 53: there are no events',
    ]);
    await send(named, 'us-east-1');
    expect(titles(await received('eu-west-1')).sort()).toEqual([...passing].sort());

    // Another account's events, in the same deployment.
    const { Credentials } = await aws<{ Credentials: Record<string, string> }>([
      ...['sts', 'assume-role', '--role-session-name', 'test', '--role-arn'],
      `arn:aws:iam::${zonesAccount}:role/owner`,
    ]);
    const owner = {
      AWS_ACCESS_KEY_ID: Credentials.AccessKeyId!,
      AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey!,
      AWS_SESSION_TOKEN: Credentials.SessionToken!,
    };
    const sync = 'arn:aws:iam::123456789012:role/federation-sync-prod-eu-west-1';
    await cloudformation(
      'other-account',
      [
        ...['HomeAccount=123456789012', 'HomeRegion=eu-west-1', `SyncRoleArn=${sync}`],
        'Zones=Z0148189XUB3LLEJKXPR,Z4OTHER',
      ],
      'us-east-1',
      owner,
    );
    const theirs = structuredClone(change);
    theirs.detail.requestParameters.hostedZoneId = 'Z0148189XUB3LLEJKXPR';
    await send([theirs], 'us-east-1', {
      accessKeyId: owner.AWS_ACCESS_KEY_ID,
      secretAccessKey: owner.AWS_SECRET_ACCESS_KEY,
      sessionToken: owner.AWS_SESSION_TOKEN,
    });
    expect(titles(await received('eu-west-1'))).toEqual([theirs.detail.eventID]);

    const role = ['--role-name', 'federation-sync-prod-reader-123456789012-eu-west-1'];
    const { Role } = await aws<{ Role: { AssumeRolePolicyDocument: unknown } }>(
      ['iam', 'get-role', ...role],
      owner,
    );
    expect(Role.AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Principal: { AWS: 'arn:aws:iam::123456789012:root' },
          Condition: {
            ArnEquals: { 'aws:PrincipalArn': sync },
            StringEquals: { 'sts:ExternalId': 'federation-sync' },
          },
        },
      ],
    });
    const { PolicyDocument } = await aws<{ PolicyDocument: unknown }>(
      ['iam', 'get-role-policy', ...role, '--policy-name', 'zones'],
      owner,
    );
    for (const zone of ['Z0148189XUB3LLEJKXPR', 'Z4OTHER'])
      expect(JSON.stringify(PolicyDocument)).toContain(`arn:aws:route53:::hostedzone/${zone}`);
  });

  test('is refused while there are only the example settings', async () => {
    const fresh = await createService();
    try {
      await expect(fresh.osls(['deploy', '--region', 'eu-west-1'], moto.env)).rejects.toThrow(
        /infra\/federation-sync\.example\.yml/,
      );
      expect(await aws(['cloudformation', 'list-stacks'])).toEqual({ StackSummaries: [] });
    } finally {
      fresh.remove();
    }
  });

  test('tells the webhook which alarm went off and what to do, and when it is over', async () => {
    const { QueueUrl } = await aws<{ QueueUrl: string }>([
      ...['sqs', 'create-queue', '--queue-name', 'posted'],
    ]);
    expect(QueueUrl).toBeTruthy();
    const alarmName = 'federation-sync-prod-refused-federate';
    for (const { Properties } of Object.values(webhookRules('federation-sync-prod', [alarmName]))) {
      const pattern = JSON.stringify(Properties.EventPattern);
      await aws(['events', 'put-rule', '--name', Properties.Name, '--event-pattern', pattern]);
      const target = {
        Id: 'queue',
        Arn: 'arn:aws:sqs:eu-west-1:123456789012:posted',
        InputTransformer: Properties.Targets[0]!.InputTransformer,
      };
      const targets = JSON.stringify([target]);
      await aws(['events', 'put-targets', '--rule', Properties.Name, '--targets', targets]);
    }
    const changed = (value: string, before: string) => ({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      detail: {
        alarmName,
        state: { value, reason: 'Threshold Crossed: 1 datapoint [1.0] …' },
        previousState: { value: before },
        configuration: { description: 'The guard refused to change the list of job federate.' },
      },
    });
    await send(
      [changed('OK', 'INSUFFICIENT_DATA'), changed('ALARM', 'OK'), changed('OK', 'ALARM')],
      'eu-west-1',
    );
    const about = `${alarmName} in eu-west-1 of 123456789012`;
    expect(await received('eu-west-1', 'posted')).toEqual([
      { text: `${about}: The guard refused to change the list of job federate.` },
      { text: `${about} is over.` },
    ]);
  });
});
