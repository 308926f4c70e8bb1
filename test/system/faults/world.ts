import { expect } from 'vitest';
import { faultLines, outcomeLines, painter, traceLines } from '../../../src/commands/print.ts';
import { type Connection, connect } from '../../../src/connect.ts';
import type { Settings } from '../../../src/job.ts';
import { logOutcome } from '../../../src/lambda-log.ts';
import { type Outcome, toReport } from '../../../src/report.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import { sync } from '../../../src/sync.ts';
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { cname, txt } from '../../support/emulators/record-sets.ts';
import { quickRetries } from './quick-retries.ts';
import { Secrets } from './secrets.ts';

export type ObjectKind = 'ConfigMap' | 'Secret';

/** The result of one run. */
export interface Ran {
  readonly outcome: Outcome;
  readonly milliseconds: number;
  /** Everything that any entry point would print of it, at every level. */
  readonly said: string;
}

const ZONE_ACCOUNT = '210987654321';
const ZONE_ROLE = `arn:aws:iam::${ZONE_ACCOUNT}:role/zone-reader`;
const CLUSTER_ROLE = 'arn:aws:iam::123456789012:role/cluster-reader';
const KEY = 'prometheus.yml';
const PASSWORDS = ['hunter2-of-remote-write', 'hunter3-of-alertmanager'];

const names = (...numbers: number[]) =>
  numbers.map((number) => `p${String(number).padStart(2, '0')}`);
const before = names(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
const after = names(1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12);

function documentOf(clusters: readonly string[]): string {
  const groups = clusters.map(
    (cluster) =>
      `      - targets:\n        - ${cluster}.prometheus.internal.\n        labels:\n          clusterID: ${cluster}\n`,
  );
  return `# kept
remote_write:
  - url: https://metrics.example.com/
    basic_auth: {username: central, password: ${PASSWORDS[0]}}
scrape_configs:
  - job_name: federate
    honor_labels: true
    static_configs:
${groups.join('')}  - job_name: other # kept, too
    static_configs: [{targets: [localhost:9090]}]
`;
}

/**
 * An account with all that a sync can need: a role that describes the cluster and signs in, a role
 * of another account that reads the zone, two pages of records, and the document in a ConfigMap or a Secret.
 *
 *     page 1   NS, SOA, 290 TXT of external-dns, p01 .. p08
 *     page 2   p09, p10                              -> p09, p11, p12 by change()
 */
export class World {
  readonly emulators: Emulators;
  readonly secrets: Secrets;
  readonly zone: string;
  readonly #env: NodeJS.ProcessEnv;

  static async start(): Promise<World> {
    return new World(await startEmulators());
  }

  private constructor(emulators: Emulators) {
    this.emulators = emulators;
    const { aws, kubernetes } = emulators;
    aws.identity.addRole({ arn: ZONE_ROLE, externalId: 'federation-7' });
    aws.identity.addRole({ arn: CLUSTER_ROLE });
    emulators.addAccessEntry(CLUSTER_ROLE, { groups: ['federation-sync'] });
    const rights = { namespace: 'monitoring', names: ['central'], verbs: ['get', 'patch'] };
    kubernetes.grant(
      { group: 'federation-sync' },
      { ...rights, resources: ['configmaps', 'secrets'] },
    );
    this.zone = aws.route53.createZone({ name: 'prometheus.internal', account: ZONE_ACCOUNT });
    const noise = Array.from({ length: 290 }, (_, i) => txt(`a-${i}.prometheus.internal`));
    aws.route53.upsert(this.zone, noise);
    this.secrets = new Secrets(emulators, PASSWORDS);
    this.#env = { ...process.env };
    Object.assign(process.env, emulators.env);
  }

  async close(): Promise<void> {
    process.env = this.#env;
    await this.emulators.close();
  }

  settings(kind: ObjectKind): Settings {
    return checkSettings(this.rawSettings(kind), 'settings', '/');
  }

  /** As in a file. */
  rawSettings(kind: ObjectKind): object {
    const place = { namespace: 'monitoring', name: 'central', key: KEY };
    return {
      cluster: { eks: { name: this.emulators.cluster, roleArn: CLUSTER_ROLE } },
      jobs: [
        {
          job: 'federate',
          from: [{ zone: this.zone, roleArn: ZONE_ROLE, externalId: 'federation-7' }],
          select: { name: '^(?<clusterID>[^.]+)\\.prometheus\\.internal$' },
          to: kind === 'Secret' ? { secret: place } : { configMap: place },
        },
      ],
    };
  }

  /** Old document, old zone, and every answer given once, so that there is something stale. */
  async reset(kind: ObjectKind): Promise<void> {
    this.emulators.faults.clear();
    this.#setZone(before);
    this.#put(kind, documentOf(before.slice(1)), 'alerts: old');
    await this.clean(kind, documentOf(before));
    this.#put(kind, documentOf(before), 'alerts: old');
    await this.clean(kind, documentOf(before));
  }

  /** The zone changes, and another writer the object's other key. */
  change(kind: ObjectKind): void {
    this.#setZone(after);
    this.#put(kind, this.text(kind), 'alerts: new');
    this.emulators.faults.clear();
  }

  /** A run that nothing disturbs must leave this document, and the other writer's key. */
  async clean(kind: ObjectKind, expected: string, connection?: Connection): Promise<void> {
    this.emulators.faults.clear();
    const { outcome } = await this.run(kind, connection ?? this.connect(kind));
    expect(outcome.fault?.message ?? 'no fault').toBe('no fault');
    expect(this.text(kind)).toBe(expected);
  }

  readonly old = documentOf(before);
  readonly new = documentOf(after);

  text(kind: ObjectKind, key = KEY): string {
    const text = this.#data(kind)[key] ?? '';
    return kind === 'Secret' ? Buffer.from(text, 'base64').toString() : text;
  }

  connect(kind: ObjectKind): Connection {
    return connect(this.settings(kind), {
      env: process.env,
      retryStrategy: quickRetries(3),
      answerTimeout: ANSWER_MS,
      kubernetes: { backoff: { first: 1, longest: 5 }, answerTimeout: ANSWER_MS },
    });
  }

  /** As an entry point connects: pauses and timeouts of seconds. */
  connectAsEver(kind: ObjectKind): Connection {
    return connect(this.settings(kind), { env: process.env });
  }

  async run(
    kind: ObjectKind,
    connection: Connection,
    { deadlineMs = DEADLINE_MS, plan = false } = {},
  ): Promise<Ran> {
    const begun = performance.now();
    const ports = plan ? { ...connection, objects: connection.dryRun } : connection;
    const outcomes = await sync(this.settings(kind).jobs, ports, {
      signal: AbortSignal.timeout(deadlineMs),
      pauseMs: 1,
    });
    const milliseconds = performance.now() - begun;
    expect(outcomes).toHaveLength(1);
    const [outcome] = outcomes as [Outcome];
    return { outcome, milliseconds, said: saidOf(outcome) };
  }

  #data(kind: ObjectKind): Record<string, string> {
    return this.emulators.kubernetes.get(kind, 'monitoring', 'central')?.data as Record<
      string,
      string
    >;
  }

  #put(kind: ObjectKind, text: string, alerts: string): void {
    const encoded = (value: string) =>
      kind === 'Secret' ? Buffer.from(value).toString('base64') : value;
    this.emulators.kubernetes.put({
      kind,
      ...(kind === 'Secret' && { type: 'Opaque' }),
      metadata: {
        namespace: 'monitoring',
        name: 'central',
        annotations: { 'route53-federation-sync/managed': 'federate' },
      },
      data: { [KEY]: encoded(text), 'alerts.yml': encoded(`${alerts} ${PASSWORDS[1]}`) },
    });
  }

  #setZone(clusters: readonly string[]): void {
    const { route53 } = this.emulators.aws;
    const there = route53
      .records(this.zone)
      .filter(({ Type }) => Type === 'CNAME')
      .map(({ Name }) => Name);
    const wanted = clusters.map((cluster) => `${cluster}.prometheus.internal.`);
    const gone = there.filter((name) => !wanted.includes(name));
    route53.delete(
      this.zone,
      gone.map((name) => ({ Name: name, Type: 'CNAME' })),
    );
    route53.upsert(
      this.zone,
      wanted.filter((name) => !there.includes(name)).map((name) => cname(name)),
    );
  }
}

/** How long a run may take, and what it waits for an answer; answers that are only slow come sooner. */
export const DEADLINE_MS = 8_000;
const ANSWER_MS = 300;

function saidOf(outcome: Outcome): string {
  const { fault } = outcome;
  const plain = painter({ isTTY: false } as never, {});
  const logged: unknown[] = [];
  const log = (...what: unknown[]) => logged.push(what);
  logOutcome({ info: log, warn: log, error: log } as never, outcome, 1);
  return [
    ...outcomeLines(outcome, plain),
    JSON.stringify(toReport([outcome])),
    ...(fault ? [...faultLines(fault, outcome.job.name), ...traceLines(fault)] : []),
    JSON.stringify(logged),
  ].join('\n');
}
