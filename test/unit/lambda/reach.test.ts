import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { webhookDenial } from '../../support/emulators/kubernetes/objects.ts';
import { PrometheusEmulator } from '../../support/emulators/prometheus.ts';
import { changeEvent, scheduleEvent } from '../event/events.ts';
import { type Account, SETTINGS, startAccount } from './account.ts';
import { deploy } from './deployed.ts';

/** Nudge, wait and verify in the Lambda, and what they count. */

const SERVICE = { namespace: 'monitoring', name: 'prometheus-server', port: 80 };
let account: Account;
let prometheus: PrometheusEmulator;

beforeAll(async () => {
  account = await startAccount();
  const { kubernetes } = account;
  const group = { group: 'federation-sync' };
  const namespace = 'monitoring';
  kubernetes.grant(
    group,
    { namespace, verbs: ['list'], resources: ['pods'] },
    { namespace, verbs: ['patch'], resources: ['pods/status'] },
    {
      namespace,
      verbs: ['get', 'create'],
      resources: ['services/proxy'],
      names: ['prometheus-server:80'],
    },
  );
});
afterAll(() => account.close());
beforeEach(() => {
  account.reset();
  prometheus = new PrometheusEmulator(document());
  account.kubernetes.serve('monitoring', 'prometheus-server:80', prometheus.answer);
});
afterEach(() => account.kubernetes.admit(undefined));

function document(): string {
  const object = account.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
  return (object as { data?: Record<string, string> })?.data?.['prometheus.yml'] ?? '';
}

/** Settings of the account, with more at the first job's place. */
function settings(more: object) {
  const [first, ...others] = SETTINGS.jobs;
  return { ...SETTINGS, jobs: [{ ...first, to: { ...first?.to, ...more } }, ...others] };
}
const SERVED = { prometheus: { service: SERVICE } };

type Line = Record<string, unknown>;
const metricsOf = (logs: readonly Line[], job = 'federate') =>
  logs.filter((line) => '_aws' in line && line.job === job).at(-1) ?? {};

/** Loads what is in the ConfigMap, as a server with a reloader does. */
function load(): void {
  prometheus.file = document();
  prometheus.reload();
}

describe('verify', () => {
  test('by hand compares zone, list and server, and writes nothing', async () => {
    const lambda = await deploy(settings(SERVED), account.env);
    prometheus.down.set('a.internal.', 'dial tcp: lookup a.internal.: no such host');
    const answer = await lambda.invoke({ action: 'verify', jobs: ['federate'] });
    expect(answer).toMatchObject({
      agrees: false,
      jobs: [
        {
          name: 'federate',
          prometheus: { url: 'service/monitoring/prometheus-server:80', version: '3.16.0' },
          agrees: false,
          scraped: 0,
          down: [
            {
              target: 'a.internal.',
              lastError: 'dial tcp: lookup a.internal.: no such host',
              cause: expect.stringContaining('NXDOMAIN'),
            },
          ],
          notLoaded: [],
          unwanted: [],
          targets: [
            { target: 'a.internal.', state: 'down' },
            { target: 'b.internal.', state: 'not-synced' },
          ],
        },
      ],
    });
    expect(account.list('federate')).toEqual(['a.internal']);
    expect(lambda.logs()).toMatchObject([
      { level: 'WARN', message: 'verify', job: 'federate', agrees: false, down: 1 },
    ]);
  });

  test('by hand fails where it cannot be found out, after all jobs', async () => {
    const lambda = await deploy(settings(SERVED), account.env);
    account.kubernetes.serve('monitoring', 'prometheus-server:80', undefined);
    const error = await lambda.fails({ action: 'verify' });
    expect(error.message).toMatch(
      /^prometheus-unreachable: 1 of 2 lists could not be verified \(federate\); the first: .*HTTP 503/,
    );
  });

  test('follows a scheduled run for places with a service, and no other run', async () => {
    const lambda = await deploy(settings(SERVED), account.env);
    await lambda.invoke({});
    load();
    prometheus.requests.length = 0;
    await lambda.invoke(changeEvent());
    await lambda.invoke({});
    expect(prometheus.requests).toEqual([]);
    const answer = await lambda.invoke(scheduleEvent());
    expect(answer.jobs.map(({ status }) => status)).toEqual(['unchanged', 'unchanged']);
    expect(answer.verified).toMatchObject({
      agrees: true,
      jobs: [{ name: 'federate', scraped: 2, down: [], notLoaded: [], unwanted: [] }],
    });
    expect(metricsOf(lambda.logs())).toMatchObject({
      Scraped: 2,
      Down: 0,
      NotLoaded: 0,
      Unwanted: 0,
      Unverified: 0,
      Repaired: 0,
    });
    // The other job names no server.
    expect(metricsOf(lambda.logs(), 'other')).not.toHaveProperty('Scraped');
  });

  test('counts what is not loaded, down and unwanted, and names it in the log', async () => {
    const lambda = await deploy(settings(SERVED), account.env);
    await lambda.invoke({});
    prometheus.file = document().replaceAll('b.internal', 'old.internal');
    prometheus.reload();
    prometheus.down.set('a.internal.', 'connect: connection refused');
    await lambda.invoke(scheduleEvent());
    expect(metricsOf(lambda.logs())).toMatchObject({
      Scraped: 0,
      Down: 1,
      NotLoaded: 1,
      Unwanted: 1,
    });
    expect(lambda.logs().find(({ message }) => message === 'verify')).toMatchObject({
      level: 'WARN',
      errors: [{ target: 'a.internal.', lastError: 'connect: connection refused' }],
      names: { notLoaded: ['b.internal.'], unwanted: ['old.internal.'] },
    });
  });

  test('counts a server that refuses its file as not loaded, even if the list is the same', async () => {
    const lambda = await deploy(settings(SERVED), account.env);
    await lambda.invoke({});
    load();
    prometheus.file = 'scrape_configs: [';
    prometheus.reload();
    const { verified } = await lambda.invoke(scheduleEvent());
    expect(verified).toMatchObject({ agrees: false, jobs: [{ prometheus: { reloaded: false } }] });
    expect(metricsOf(lambda.logs())).toMatchObject({ Scraped: 2, NotLoaded: 1 });
  });

  test('that cannot ask the server never fails the scheduled run, and is counted', async () => {
    const lambda = await deploy(settings(SERVED), account.env);
    account.kubernetes.serve('monitoring', 'prometheus-server:80', undefined);
    await lambda.invoke({});
    const { jobs, verified } = await lambda.invoke(scheduleEvent());
    expect(jobs[0]?.status).toBe('unchanged');
    expect(verified).toMatchObject({ jobs: [{ error: { code: 'prometheus-unreachable' } }] });
    expect(metricsOf(lambda.logs())).toMatchObject({ Unverified: 1, Succeeded: 1 });
    expect(metricsOf(lambda.logs())).not.toHaveProperty('Scraped');
  });

  test('does not ask a server for what was written a moment ago', async () => {
    const lambda = await deploy(settings(SERVED), account.env);
    const answer = await lambda.invoke(scheduleEvent());
    expect(answer.jobs[0]?.status).toBe('written');
    expect(answer.verified).toBeUndefined();
    expect(metricsOf(lambda.logs())).toMatchObject({ Repaired: 1 });
    expect(metricsOf(lambda.logs())).not.toHaveProperty('NotLoaded');
  });
});

describe('times', () => {
  test('from the change to the write, and from the write to the loaded list', async () => {
    const lambda = await deploy(
      settings({ prometheus: { service: SERVICE, reload: true }, wait: '10s' }),
      account.env,
    );
    setTimeout(() => {
      prometheus.file = document();
    }, 600);
    const changed = new Date(Date.now() - 90_000).toISOString();
    const { jobs } = await lambda.invoke(changeEvent({ eventTime: changed }));
    expect(jobs[0]).toMatchObject({ status: 'written', loadedAfterMs: expect.any(Number) });
    const metrics = metricsOf(lambda.logs());
    expect(metrics.EventToWrite).toBeGreaterThan(89_000);
    expect(metrics.EventToWrite).toBeLessThan(100_000);
    expect(metrics.WriteToLoaded).toBe(jobs[0]?.loadedAfterMs);
    expect(metrics).toMatchObject({ NotLoaded: 0 });
    expect(metrics).not.toHaveProperty('Repaired');
    const { CloudWatchMetrics } = metrics._aws as {
      CloudWatchMetrics: { Metrics: { Name: string; Unit: string }[] }[];
    };
    expect(CloudWatchMetrics[0]?.Metrics).toContainEqual({
      Name: 'EventToWrite',
      Unit: 'Milliseconds',
    });
  });

  test('a list that is not loaded in time is a warning and a metric, not a failure', async () => {
    const lambda = await deploy(settings({ ...SERVED, wait: '1s' }), account.env);
    const { jobs } = await lambda.invoke(changeEvent());
    expect(jobs[0]).toMatchObject({ status: 'written', warnings: [{ code: 'not-loaded' }] });
    expect(metricsOf(lambda.logs())).toMatchObject({ NotLoaded: 1, Failed: 0, Succeeded: 1 });
  });

  test('of an unchanged list there is none', async () => {
    const lambda = await deploy(settings(SERVED), account.env);
    await lambda.invoke({});
    await lambda.invoke(changeEvent());
    expect(metricsOf(lambda.logs())).not.toHaveProperty('EventToWrite');
  });
});

describe('nudge', () => {
  const nudge = { nudge: { pods: 'app=prometheus' } };
  beforeEach(() => {
    account.kubernetes.put({
      kind: 'Pod',
      metadata: { namespace: 'monitoring', name: 'server-0', labels: { app: 'prometheus' } },
      spec: {
        containers: [{ name: 'server', volumeMounts: [{ name: 'config', mountPath: '/etc' }] }],
        volumes: [{ name: 'config', configMap: { name: 'prometheus-server' } }],
      },
      status: { phase: 'Running' },
    });
  });

  test('marks the pods with the new version, and is in the report and the log', async () => {
    const lambda = await deploy(settings(nudge), account.env);
    const { jobs } = await lambda.invoke(changeEvent());
    expect(jobs[0]).toMatchObject({ status: 'written', nudged: 1, warnings: [] });
    const { kubernetes } = account;
    const object = kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
    expect(kubernetes.get('Pod', 'monitoring', 'server-0')?.metadata.annotations).toEqual({
      'route53-federation-sync/nudged': object?.metadata.resourceVersion,
    });
    expect(metricsOf(lambda.logs())).toMatchObject({ NudgeFailed: 0 });
    expect(lambda.logs()).toContainEqual(expect.objectContaining({ message: 'sync', nudged: 1 }));
  });

  test('that is denied is a warning and a metric, and the list is written', async () => {
    account.kubernetes.admit(({ object }) => {
      if (object?.kind === 'Pod') throw webhookDenial('pods.example.com', 'no');
    });
    const lambda = await deploy(settings(nudge), account.env);
    const { jobs } = await lambda.invoke(changeEvent());
    expect(jobs[0]).toMatchObject({ status: 'written', warnings: [{ code: 'nudge-failed' }] });
    expect(metricsOf(lambda.logs())).toMatchObject({ NudgeFailed: 1, Succeeded: 1 });
  });
});
