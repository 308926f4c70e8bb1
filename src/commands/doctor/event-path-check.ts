import type { EventPath, Rule } from '../../aws/event-path.ts';
import { asFault } from '../../fault.ts';
import { count, durationText } from '../../wording.ts';
import { changeEvent, matchesEvent } from './event-pattern.ts';
import { type Finding, note, ok, warning } from './finding.ts';

export const ABOUT = 'event path';
const GUIDE = 'infra/guides/deploy.md';

export const zonesText = (zones: readonly string[]) =>
  `zone${zones.length === 1 ? '' : 's'} ${zones.join(', ')}`;

/**
 * Whether a change in these zones leads to a run, found by the rules' patterns and targets, whatever their names are:
 *
 *     CloudTrail -> rule in us-east-1 -> bus of the home Region -> rule there -> queue -> function
 *
 * Without it, the schedule alone updates the lists, so nothing here is a failure. What we may not look at is a note: a
 * sync needs none of these permissions.
 *
 * @param zones ids of zones of our own account
 * @param home the Region that the function runs in, as far as that is known
 */
export async function checkEventPath(
  zones: readonly string[],
  home: string,
  path: EventPath,
): Promise<Finding[]> {
  return new EventPathCheck(home, path).of(zones);
}

class EventPathCheck {
  readonly #home: string;
  readonly #path: EventPath;
  readonly #rules = new Map<string, Promise<Rule[]>>();

  constructor(home: string, path: EventPath) {
    this.#home = home;
    this.#path = path;
  }

  async of(zones: readonly string[]): Promise<Finding[]> {
    const entry = eventsRegion(this.#home);
    const findings: Finding[] = [];
    const routes = await this.#look(RULES, async () => {
      const matched = zones.map(async (zone) => ({
        zone,
        rules: await this.#matching(entry, zone),
      }));
      const all = await Promise.all(matched);
      // Zones that share their rules are one route, and one finding.
      return [...Map.groupBy(all, ({ rules }) => rules.map(({ name }) => name).join()).values()];
    });
    if (isFinding(routes)) return [routes];
    let isIntended = routes.some(([one]) => one && one.rules.length > 0);
    for (const same of routes) {
      const [{ zone, rules } = { zone: '', rules: [] }] = same;
      const named = zonesText(same.map((it) => it.zone));
      if (rules.length > 0) {
        findings.push(...(await this.#follow(rules, zone, `changes of ${named}`)));
      } else {
        const found = await this.#unmatched(entry, zone, named, isIntended);
        isIntended ||= found.status === 'warning';
        findings.push(found);
      }
    }
    return isIntended ? [...findings, await this.#trail(entry)] : findings;
  }

  /** Nothing in the Region of the events concerns the zone. */
  async #unmatched(
    entry: string,
    zone: string,
    named: string,
    hasOthers: boolean,
  ): Promise<Finding> {
    const home = this.#home;
    const message = `no rule in ${entry} matches changes of ${named}`;
    const waiting = home === entry ? [] : await this.#look(RULES, () => this.#matching(home, zone));
    if (isFinding(waiting)) return waiting;
    const [rule] = waiting;
    if (rule) {
      return warning(
        ABOUT,
        `${message}, so none reach rule ${rule.name} in ${home}`,
        `Route 53's events are in ${entry} only: deploy infra/aws/us-east-1.yml there (${GUIDE}), with this zone.`,
      );
    }
    if (hasOthers) {
      const remedy = `Deploy the stacks of the rules again with this zone (${GUIDE}).`;
      return warning(ABOUT, `${message}, although there are rules for others`, remedy);
    }
    return note(
      ABOUT,
      `${message}: only the schedule updates the list`,
      `For a run after each change, deploy the function and its rules (${GUIDE}). For the CronJob, nothing is missing.`,
    );
  }

  /** From the rules of one Region to the queue, over the bus of another one if they lead there. */
  async #follow(rules: readonly Rule[], zone: string, way: string): Promise<Finding[]> {
    const enabled = rules.filter((rule) => rule.enabled);
    const [off] = rules;
    if (enabled.length === 0 && off) {
      const command = `aws events enable-rule --region ${off.region} --name ${off.name}`;
      return [
        warning(ABOUT, `${way} end at rule ${off.name}, which is disabled`, `Run ${command}`),
      ];
    }
    const findings: Finding[] = [];
    for (const rule of enabled) {
      const targets = await this.#look(RULES, () => this.#path.targets(rule));
      if (isFinding(targets)) return [targets];
      const here = `${way} -> rule ${rule.name} in ${rule.region}`;
      if (targets.length === 0) {
        const remedy = `Deploy the stack of the rule again (${GUIDE}): it sends events to a queue or another Region.`;
        findings.push(warning(ABOUT, `${here}, which has no target`, remedy));
      }
      for (const arn of targets) findings.push(...(await this.#arrive(arn, rule, zone, here)));
    }
    return findings;
  }

  /** What a rule sends its events to. */
  async #arrive(arn: string, rule: Rule, zone: string, way: string): Promise<Finding[]> {
    const [, , service, region = '', , resource = ''] = arn.split(':');
    if (service === 'sqs') return [...(await this.#queue(arn, way)), await this.#lastEvent(rule)];
    if (service !== 'events' || !resource.startsWith('event-bus/') || region === rule.region) {
      return [ok(ABOUT, `${way} -> ${arn}`), await this.#lastEvent(rule)];
    }
    const rules = await this.#look(RULES, () => this.#matching(region, zone));
    if (isFinding(rules)) return [rules];
    if (rules.length > 0) return this.#follow(rules, zone, way);
    const message = `${way} -> the bus in ${region}, where no rule matches them`;
    const remedy = `Deploy the function in ${region} with these settings, or correct HomeRegion (${GUIDE}).`;
    return [warning(ABOUT, message, remedy)];
  }

  async #queue(arn: string, way: string): Promise<Finding[]> {
    const [region = '', , name = ''] = arn.split(':').slice(3);
    const here = `${way} -> queue ${name}`;
    const messages = await this.#look(['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], () =>
      this.#path.messages(arn),
    );
    if (isFinding(messages)) return [messages];
    if (messages === undefined) {
      const remedy = `Deploy the function again (${GUIDE}). SQS accepts a deleted queue's name again after 60 seconds.`;
      return [warning(ABOUT, `${here}, which does not exist`, remedy)];
    }
    const age = await this.#look(METRICS, () =>
      this.#path.latest({
        ...{ region, namespace: 'AWS/SQS', name: 'ApproximateAgeOfOldestMessage' },
        ...{ dimension: { QueueName: name }, statistic: 'Maximum', hours: 0.25, period: 300 },
      }),
    );
    // Without the metric, the number of messages is all that is known.
    const seconds = isFinding(age) ? 0 : (age?.value ?? 0);
    const held = `${here} (${count(messages, 'message')})`;
    if (seconds < STUCK_SECONDS) return [ok(ABOUT, held)];
    const remedy =
      "Check that the queue's event source mapping is enabled, and that runs succeed (the function's log).";
    const oldest = durationText(Math.round(seconds) * 1000);
    return [warning(ABOUT, `${held}, the oldest for ${oldest}: nothing takes them`, remedy)];
  }

  async #lastEvent({ name, region }: Rule): Promise<Finding> {
    const last = await this.#look(METRICS, () =>
      this.#path.latest({
        ...{ region, namespace: 'AWS/Events', name: 'Invocations' },
        // At most 1,440 values, which is the limit of GetMetricStatistics.
        ...{ dimension: { RuleName: name }, statistic: 'Sum', hours: DAYS * 24, period: 900 },
      }),
    );
    if (isFinding(last)) return last;
    if (last) {
      const minutes = Math.max(1, Math.floor((Date.now() - last.at.getTime()) / 60_000));
      return ok(ABOUT, `the last event of rule ${name} was ${durationText(minutes * 60_000)} ago`);
    }
    return note(
      ABOUT,
      `rule ${name} had no event in ${DAYS} days`,
      'If records have changed in that time, events do not arrive. To try it, change a record, and look again a few minutes later.',
    );
  }

  async #trail(entry: string): Promise<Finding> {
    const actions = [
      ...['cloudtrail:DescribeTrails', 'cloudtrail:GetTrailStatus'],
      'cloudtrail:GetEventSelectors',
    ];
    const trails = await this.#look(actions, () => this.#path.trails(entry));
    if (isFinding(trails)) return trails;
    const recording = trails.filter(({ changes }) => changes !== false);
    const [alive] = recording.filter(({ logging }) => logging);
    if (alive) {
      const known = alive.changes ? 'records' : 'is active; we may not see whether it records';
      return ok(ABOUT, `trail ${alive.name} ${known} changes in Route 53`);
    }
    const [stopped] = recording;
    if (stopped) {
      const command = `aws cloudtrail start-logging --name ${stopped.arn}`;
      return warning(
        ABOUT,
        `trail ${stopped.name} is stopped: there are no events`,
        `Run ${command}`,
      );
    }
    return warning(
      ABOUT,
      `no trail records changes in Route 53: there are no events`,
      `Create a trail with management events (write) and global service events (${GUIDE}).`,
    );
  }

  /** The rules of a Region that match a change of the zone. */
  async #matching(region: string, zone: string): Promise<Rule[]> {
    const listing = this.#rules.get(region) ?? this.#path.rules(region);
    this.#rules.set(region, listing);
    const events = [zone, `/hostedzone/${zone}`].map(changeEvent);
    return (await listing).filter(({ pattern }) =>
      events.some((event) => matchesEvent(pattern, event)),
    );
  }

  /** What `read` reads, or a note that it could not, and what would allow it. */
  async #look<T>(actions: readonly string[], read: () => Promise<T>): Promise<T | Finding> {
    try {
      return await read();
    } catch (error) {
      const { message } = asFault(error);
      return note(
        ABOUT,
        `could not be checked: ${message}`,
        `To check it, allow ${actions.join(', ')}.`,
      );
    }
  }
}

const RULES = ['events:ListRules', 'events:ListTargetsByRule'];
const METRICS = ['cloudwatch:GetMetricStatistics'];
const DAYS = 14;
/** As the alarm queue-age: more than two receives of a message. */
const STUCK_SECONDS = 1_800;

const isFinding = (value: unknown): value is Finding =>
  typeof value === 'object' && value !== null && 'about' in value && 'status' in value;

/** The Region of Route 53's events. Source: AWS General Reference, "Amazon Route 53 endpoints and quotas". */
function eventsRegion(home: string): string {
  if (home.startsWith('cn-')) return 'cn-northwest-1';
  return home.startsWith('us-gov-') ? 'us-gov-west-1' : 'us-east-1';
}
