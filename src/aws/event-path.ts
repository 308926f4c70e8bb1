import type { GetEventSelectorsCommandOutput } from '@aws-sdk/client-cloudtrail';
import type { Run } from '../run.ts';
import type { Aws } from './clients.ts';
import { awsFault } from './fault.ts';

/*
 * What `doctor` reads to see whether events of Route 53 arrive. The function never calls these services; its bundle must
 * not import this file. The four clients are loaded where they are used: together they take 80 ms.
 */

/** A rule of the default bus with an event pattern. */
export interface Rule {
  readonly name: string;
  readonly region: string;
  readonly enabled: boolean;
  readonly pattern: unknown;
}

interface Trail {
  readonly name: string;
  readonly arn: string;
  readonly logging: boolean;
  /** Whether it records changes, including those of global services; undefined if we must not see that. */
  readonly changes: boolean | undefined;
}

interface Metric {
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimension: Readonly<Record<string, string>>;
  readonly statistic: 'Sum' | 'Maximum';
  readonly hours: number;
  /** Seconds. */
  readonly period: number;
}

/** Reads, and throws `aws-*` and `deadline`; a missing permission is `aws-refused`. */
export class EventPath {
  readonly #aws: Aws;
  readonly #run: Run;

  constructor(aws: Aws, run: Run) {
    this.#aws = aws;
    this.#run = run;
  }

  /** The rules of a Region's default bus that have an event pattern; all pages. */
  async rules(region: string): Promise<Rule[]> {
    const { EventBridgeClient, ListRulesCommand } = await import('@aws-sdk/client-eventbridge');
    const client = this.#client('events', region, (config) => new EventBridgeClient(config));
    const rules: Rule[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#call(`list the rules of EventBridge in ${region}`, (abortSignal) =>
        client.send(new ListRulesCommand({ NextToken }), { abortSignal }),
      );
      for (const { Name = '', State, EventPattern } of page.Rules ?? []) {
        if (EventPattern === undefined) continue;
        const enabled = State !== 'DISABLED';
        rules.push({ name: Name, region, enabled, pattern: parsed(EventPattern) });
      }
      NextToken = page.NextToken;
    } while (NextToken);
    return rules;
  }

  /** ARNs of a rule's targets; a rule has at most five, one page. */
  async targets({ name, region }: Rule): Promise<string[]> {
    const { EventBridgeClient, ListTargetsByRuleCommand } = await import(
      '@aws-sdk/client-eventbridge'
    );
    const client = this.#client('events', region, (config) => new EventBridgeClient(config));
    const { Targets = [] } = await this.#call(`list the targets of rule ${name}`, (abortSignal) =>
      client.send(new ListTargetsByRuleCommand({ Rule: name }), { abortSignal }),
    );
    return Targets.flatMap(({ Arn }) => Arn ?? []);
  }

  /** How many messages are in the queue with that ARN; undefined if there is no such queue. */
  async messages(arn: string): Promise<number | undefined> {
    const [, , , region = '', account, name = ''] = arn.split(':');
    const { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } = await import(
      '@aws-sdk/client-sqs'
    );
    const client = this.#client('sqs', region, (config) => new SQSClient(config));
    try {
      const QueueName = { QueueName: name, QueueOwnerAWSAccountId: account };
      return await this.#call(`read the queue ${name}`, async (abortSignal) => {
        const { QueueUrl } = await client.send(new GetQueueUrlCommand(QueueName), { abortSignal });
        const { Attributes } = await client.send(
          new GetQueueAttributesCommand({
            QueueUrl,
            AttributeNames: ['ApproximateNumberOfMessages'],
          }),
          { abortSignal },
        );
        return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
      });
    } catch (error) {
      const { name } = ((error as Error).cause ?? {}) as { name?: string };
      if (/QueueDoesNotExist|NonExistentQueue/.test(name ?? '')) return undefined;
      throw error;
    }
  }

  /** The trails that record a Region's events, those of other Regions and of the organization included. */
  async trails(region: string): Promise<Trail[]> {
    const {
      CloudTrailClient,
      DescribeTrailsCommand,
      GetEventSelectorsCommand,
      GetTrailStatusCommand,
    } = await import('@aws-sdk/client-cloudtrail');
    const client = this.#client('cloudtrail', region, (config) => new CloudTrailClient(config));
    const { trailList = [] } = await this.#call('list the trails of CloudTrail', (abortSignal) =>
      client.send(new DescribeTrailsCommand({ includeShadowTrails: true }), { abortSignal }),
    );
    const { signal } = this.#run;
    const trails: Trail[] = [];
    for (const trail of trailList) {
      const { Name = '', TrailARN = '', IncludeGlobalServiceEvents = false } = trail;
      const { IsLogging = false } = await this.#call(
        `read the status of trail ${Name}`,
        (abortSignal) =>
          client.send(new GetTrailStatusCommand({ Name: TrailARN }), { abortSignal }),
      );
      // A trail of the organization may hide its selectors from the account.
      const selectors = await client
        .send(new GetEventSelectorsCommand({ TrailName: TrailARN }), { abortSignal: signal })
        .catch(() => undefined);
      trails.push({
        name: Name,
        arn: TrailARN,
        logging: IsLogging,
        changes: IncludeGlobalServiceEvents ? selectors && recordsChanges(selectors) : false,
      });
    }
    return trails;
  }

  /** The newest value above 0 of a metric, and when its period began. */
  async latest(metric: Metric): Promise<{ readonly at: Date; readonly value: number } | undefined> {
    const { region, namespace, name, dimension, statistic, hours, period } = metric;
    const { CloudWatchClient, GetMetricStatisticsCommand } = await import(
      '@aws-sdk/client-cloudwatch'
    );
    const client = this.#client('cloudwatch', region, (config) => new CloudWatchClient(config));
    const now = Date.now();
    const { Datapoints = [] } = await this.#call(`read the metric ${name}`, (abortSignal) =>
      client.send(
        new GetMetricStatisticsCommand({
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimension).map(([Name, Value]) => ({ Name, Value })),
          StartTime: new Date(now - hours * 3_600_000),
          EndTime: new Date(now),
          Period: period,
          Statistics: [statistic],
        }),
        { abortSignal },
      ),
    );
    return Datapoints.flatMap(({ Timestamp, ...values }) => {
      const value = values[statistic] ?? 0;
      return Timestamp && value > 0 ? [{ at: Timestamp, value }] : [];
    }).sort((one, other) => other.at.getTime() - one.at.getTime())[0];
  }

  /** Few attempts: without a network path to a service, each ends in a timeout, and the answer is only a note. */
  #client: Aws['client'] = (service, region, make) =>
    this.#aws.client(service, region, (config) => make({ ...config, maxAttempts: 2 }));

  async #call<T>(to: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await send(this.#run.signal);
    } catch (error) {
      throw awsFault(error, { to }, this.#run.signal);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a trail records the management events that write. Advanced selectors are only looked at for their category. */
function recordsChanges(selectors: GetEventSelectorsCommandOutput): boolean {
  const { EventSelectors = [], AdvancedEventSelectors = [] } = selectors;
  const basic = EventSelectors.some(
    ({ IncludeManagementEvents = true, ReadWriteType = 'All' }) =>
      IncludeManagementEvents && ReadWriteType !== 'ReadOnly',
  );
  const advanced = AdvancedEventSelectors.some(({ FieldSelectors = [] }) => {
    const equals = (field: string) => FieldSelectors.find(({ Field }) => Field === field)?.Equals;
    return (
      equals('eventCategory')?.includes('Management') === true &&
      equals('readOnly')?.includes('true') !== true
    );
  });
  // The default is all management events.
  const none = EventSelectors.length + AdvancedEventSelectors.length === 0;
  return none || basic || advanced;
}
