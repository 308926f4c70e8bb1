import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { eventPattern } from '../../../../infra/aws/event-pattern.ts';
import { describeWith } from '../../../support/parts/available.ts';
import { type Moto, startMoto } from '../../../support/parts/moto.ts';
import { folderWith, prometheusYml, run } from '../run.ts';

interface Finding {
  readonly status: string;
  readonly about: string;
  readonly message: string;
  readonly remedy?: string;
}

const BUS = 'arn:aws:events:eu-west-1:123456789012:event-bus/default';
const QUEUE = 'arn:aws:sqs:eu-west-1:123456789012:federation-sync-prod';
const FORWARD = 'federation-sync-prod-us-east-1-ChangesRule-1A2B3C';
const CHANGES = 'federation-sync-prod-changes-1';
const HOUR = 3_600_000;

describeWith('moto', 'the event path, on moto', () => {
  let moto: Moto;
  let zone: string;

  beforeAll(async () => {
    moto = await startMoto();
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto.stop();
  });
  beforeEach(async () => {
    await moto.reset();
    zone = await createZone();
  });

  async function createZone() {
    const { HostedZone } = await new Route53Client({}).send(
      new CreateHostedZoneCommand({
        Name: 'prometheus.internal',
        CallerReference: crypto.randomUUID(),
        HostedZoneConfig: { PrivateZone: true },
        VPC: { VPCRegion: 'eu-west-1', VPCId: 'vpc-0a1b2c3d' },
      }),
    );
    return (HostedZone?.Id ?? '').replace('/hostedzone/', '');
  }

  async function rule(
    region: string,
    Name: string,
    targets: readonly string[],
    { zones = [zone], enabled = true } = {},
  ) {
    const client = new EventBridgeClient({ region });
    const EventPattern = JSON.stringify(eventPattern(zones));
    const State = enabled ? 'ENABLED' : 'DISABLED';
    await client.send(new PutRuleCommand({ Name, EventPattern, State }));
    const Targets = targets.map((Arn, index) => ({ Id: String(index), Arn }));
    if (Targets.length > 0) await client.send(new PutTargetsCommand({ Rule: Name, Targets }));
  }

  const forwarding = (options = {}) => rule('us-east-1', FORWARD, [BUS], options);
  const receiving = (options = {}) => rule('eu-west-1', CHANGES, [QUEUE], options);

  async function queue(region = 'eu-west-1') {
    const client = new SQSClient({ region });
    const QueueName = 'federation-sync-prod';
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName }));
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
  }

  async function trail({ logging = true, selectors = {} } = {}) {
    const region = 'us-east-1';
    const Name = 'management-events';
    await new S3Client({ region, forcePathStyle: true }).send(
      new CreateBucketCommand({ Bucket: 'trail' }),
    );
    const client = new CloudTrailClient({ region });
    await client.send(
      new CreateTrailCommand({
        ...{ Name, S3BucketName: 'trail' },
        ...{ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: true },
      }),
    );
    if (logging) await client.send(new StartLoggingCommand({ Name }));
    if (Object.keys(selectors).length > 0)
      await client.send(new PutEventSelectorsCommand({ TrailName: Name, ...selectors }));
  }

  /** moto lets a test write to a namespace of AWS. */
  async function metric(
    Namespace: string,
    MetricName: string,
    [Name, Value]: readonly [string, string],
    at: { hoursAgo: number; value: number },
  ) {
    const Timestamp = new Date(Date.now() - at.hoursAgo * HOUR);
    await new CloudWatchClient({ region: 'eu-west-1' }).send(
      new PutMetricDataCommand({
        Namespace,
        MetricData: [{ MetricName, Dimensions: [{ Name, Value }], Timestamp, Value: at.value }],
      }),
    );
  }

  async function alive() {
    await Promise.all([forwarding(), receiving(), queue(), trail()]);
    const of = ['RuleName', CHANGES] as const;
    await metric('AWS/Events', 'Invocations', of, { hoursAgo: 30, value: 1 });
    await metric('AWS/Events', 'Invocations', of, { hoursAgo: 2, value: 3 });
    await metric('AWS/Events', 'Invocations', of, { hoursAgo: 1, value: 0 });
  }

  /** What doctor finds, zone ids and account left as they are. */
  async function doctor(more = '', env = {}): Promise<Finding[]> {
    const folder = folderWith({
      'federation-sync.yml': String.raw`
jobs:
  - job: federate
    from: [{ zone: ${zone} }${more}]
    select: { name: '\.prometheus\.internal$' }
    to: { file: prometheus.yml }
`,
      'prometheus.yml': prometheusYml(),
    });
    const { json } = await run(folder, ['doctor', '--json'], env);
    const findings: Finding[] = json.findings;
    return findings.filter(({ about }) => about === 'event path');
  }

  const texts = (findings: readonly Finding[]) =>
    findings.map(({ status, message }) => `${status}: ${message.replaceAll(zone, 'Z1')}`);
  const WAY = `changes of zone Z1 -> rule ${FORWARD} in us-east-1`;

  test('alive from the trail to the queue, with the age of the last event', async () => {
    await alive();
    const found = texts(await doctor());
    expect(found).toEqual([
      `ok: ${WAY} -> rule ${CHANGES} in eu-west-1 -> queue federation-sync-prod (1 message)`,
      expect.stringMatching(
        /^ok: the last event of rule federation-sync-prod-changes-1 was (2h\d*m?|1h\d+m) ago$/,
      ),
      'ok: trail management-events records changes in Route 53',
    ]);
  });

  test('in us-east-1 itself needs no forwarding', async () => {
    vi.stubEnv('AWS_REGION', 'us-east-1');
    try {
      const arn = QUEUE.replace('eu-west-1', 'us-east-1');
      await Promise.all([rule('us-east-1', CHANGES, [arn]), queue('us-east-1'), trail()]);
      expect(texts(await doctor())).toEqual([
        `ok: changes of zone Z1 -> rule ${CHANGES} in us-east-1 -> queue federation-sync-prod (1 message)`,
        `note: rule ${CHANGES} had no event in 14 days`,
        'ok: trail management-events records changes in Route 53',
      ]);
    } finally {
      vi.stubEnv('AWS_REGION', 'eu-west-1');
    }
  });

  test.each([
    ['us-east-1', FORWARD, 'changes of zone Z1', [BUS]],
    ['eu-west-1', CHANGES, WAY, [QUEUE]],
  ])('a disabled rule in %s is a warning, with the command that enables it', async (...row) => {
    const [region, name, way, targets] = row;
    await alive();
    await rule(region, name, targets, { enabled: false });
    const [found] = await doctor();
    expect(texts([found!])).toEqual([`warning: ${way} end at rule ${name}, which is disabled`]);
    expect(found!.remedy).toBe(`Run aws events enable-rule --region ${region} --name ${name}`);
  });

  test('without forwarding, the rule of the function waits for nothing', async () => {
    await Promise.all([receiving(), queue(), trail()]);
    const [found, ...others] = await doctor();
    expect(texts([found!])).toEqual([
      `warning: no rule in us-east-1 matches changes of zone Z1, so none reach rule ${CHANGES} in eu-west-1`,
    ]);
    expect(found!.remedy).toContain('infra/aws/us-east-1.yml');
    expect(texts(others)).toEqual(['ok: trail management-events records changes in Route 53']);
  });

  test('a zone that the rules leave out is reported by itself', async () => {
    await alive();
    const other = await createZone();
    const found = texts(await doctor(`, { zone: ${other} }`));
    expect(found).toHaveLength(4);
    expect(found[2]).toBe(
      `warning: no rule in us-east-1 matches changes of zone ${other}, although there are rules for others`,
    );
  });

  test('a zone of another account is a note: its events begin there', async () => {
    await alive();
    const zones = `, { zone: ${await createZone()}, roleArn: 'arn:aws:iam::222222222222:role/reader' }`;
    expect(texts(await doctor(zones))[0]).toMatch(/^note: .* begin in another account$/);
  });

  test('events that no rule in the home Region matches are a warning', async () => {
    await Promise.all([forwarding(), trail()]);
    expect(texts(await doctor())[0]).toBe(
      `warning: ${WAY} -> the bus in eu-west-1, where no rule matches them`,
    );
  });

  test('a rule without targets is a warning', async () => {
    await Promise.all([rule('us-east-1', FORWARD, []), trail()]);
    expect(texts(await doctor())[0]).toBe(`warning: ${WAY}, which has no target`);
  });

  test('a queue that is missing is a warning', async () => {
    await Promise.all([forwarding(), receiving(), trail()]);
    expect(texts(await doctor())[0]).toBe(
      `warning: ${WAY} -> rule ${CHANGES} in eu-west-1 -> queue federation-sync-prod, which does not exist`,
    );
  });

  test('a queue from which nothing takes the messages is a warning', async () => {
    await alive();
    const of = ['QueueName', 'federation-sync-prod'] as const;
    await metric('AWS/SQS', 'ApproximateAgeOfOldestMessage', of, { hoursAgo: 0.05, value: 4000 });
    const [found] = await doctor();
    expect(texts([found!])[0]).toMatch(
      /^warning: .* -> queue federation-sync-prod \(1 message\), the oldest for 1h6m40s: nothing takes them$/,
    );
    expect(found!.remedy).toContain('event source mapping');
  });

  test.each([
    ['missing', undefined, 'no trail records changes in Route 53: there are no events'],
    ['stopped', { logging: false }, 'trail management-events is stopped: there are no events'],
    [
      'for reads only',
      { selectors: { EventSelectors: [{ ReadWriteType: 'ReadOnly' as const }] } },
      'no trail records changes in Route 53: there are no events',
    ],
    [
      'for data events only',
      {
        selectors: {
          AdvancedEventSelectors: [
            { FieldSelectors: [{ Field: 'eventCategory', Equals: ['Data'] }] },
          ],
        },
      },
      'no trail records changes in Route 53: there are no events',
    ],
  ])('a trail that is %s is a warning', async (_, options, message) => {
    await Promise.all([forwarding(), receiving(), queue(), options && trail(options)]);
    expect(texts(await doctor()).at(-1)).toBe(`warning: ${message}`);
  });

  test('a trail with an advanced selector for management events is one', async () => {
    const FieldSelectors = [{ Field: 'eventCategory', Equals: ['Management'] }];
    const selectors = { AdvancedEventSelectors: [{ FieldSelectors }] };
    await Promise.all([forwarding(), receiving(), queue(), trail({ selectors })]);
    expect(texts(await doctor()).at(-1)).toMatch(/^ok: trail/);
  });

  test('nothing at all is a note: the CronJob needs none of it', async () => {
    expect(texts(await doctor())).toEqual([
      'note: no rule in us-east-1 matches changes of zone Z1: only the schedule updates the list',
    ]);
  });

  test('a rule on a hundred and first place is found, too', async () => {
    const names = Array.from({ length: 101 }, (_, index) => `a-${String(index).padStart(3, '0')}`);
    for (const name of names) await rule('us-east-1', name, [], { zones: ['Z0'] });
    await forwarding();
    expect(texts(await doctor())[0]).toContain(FORWARD);
  });
});
