import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { PrometheusEmulator } from '../../support/emulators/prometheus.ts';
import { scheduleEvent } from '../event/events.ts';
import { type Account, LIST, SETTINGS, startAccount, ZONE } from './account.ts';
import { deploy } from './deployed.ts';

/** Which clusters are not monitored: by hand, and after each scheduled run. */

const SERVICE = { namespace: 'monitoring', name: 'prometheus-server', port: 80 };
let account: Account;
let prometheus: PrometheusEmulator;

beforeAll(async () => {
  account = await startAccount();
  account.kubernetes.grant(
    { group: 'federation-sync' },
    {
      namespace: 'monitoring',
      verbs: ['get'],
      resources: ['services/proxy'],
      names: ['prometheus-server:80'],
    },
  );
  for (const name of ['a', 'b', 'c']) account.aws.eks.putCluster({ name, region: 'eu-west-1' });
});
afterAll(() => account.close());
beforeEach(() => {
  account.reset();
  account.faults.calls.length = 0;
  prometheus = new PrometheusEmulator(document());
  account.kubernetes.serve('monitoring', 'prometheus-server:80', prometheus.answer);
});

function document(): string {
  const object = account.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
  return (object as { data?: Record<string, string> })?.data?.['prometheus.yml'] ?? '';
}

/** Of the account's two jobs, the first expects the clusters a, b and c of EKS. */
function settings(job: object = {}, place: object = {}) {
  const [first, ...others] = SETTINGS.jobs;
  const expected = [{ eks: { region: 'eu-west-1', name: '^(?<clusterID>.)$' } }];
  return {
    ...SETTINGS,
    jobs: [{ ...first, expect: expected, ...job, to: { ...first?.to, ...place } }, ...others],
  };
}
const SERVED = { prometheus: { service: SERVICE } };

type Line = Record<string, unknown>;
const linesOf = (logs: readonly Line[], message: string) =>
  logs.filter((line) => line.message === message);
const metricsOf = (logs: readonly Line[]) =>
  logs.filter((line) => '_aws' in line && line.job === 'federate' && 'CoverageFailed' in line);
const countOf = (operation: string) =>
  account.faults.calls.filter((call) => call.operation === operation).length;

describe('by hand', () => {
  test('answers as --json prints it, and writes nothing', async () => {
    const lambda = await deploy(settings(), account.env);
    const answer = await lambda.invoke({ action: 'coverage' });
    expect(answer).toMatchObject({
      clusters: [
        { cluster: 'c', job: 'federate', lost: 'record', since: expect.stringMatching(/^20.*Z$/) },
        { cluster: 'b', job: 'federate', lost: 'list' },
        { cluster: 'a', job: 'federate', lost: null, reason: null, remedy: null, since: null },
      ],
      orphaned: [],
    });
    expect(answer).not.toHaveProperty('jobs');
    expect(answer).not.toHaveProperty('errors');
    expect(account.list('federate')).toEqual(['a.internal']);
    expect(countOf('patch configmaps')).toBe(0);
  });

  test('fails where it cannot be found out; the rest is in the log', async () => {
    account.aws.identity.deny('eks:ListClusters');
    const lambda = await deploy(settings(), account.env);
    const error = await lambda.fails({ action: 'coverage' });
    expect(error.message).toMatch(
      /^clusters-forbidden: 1 of 1 lists could not be compared with their clusters \(federate\); the first: .*eu-west-1/,
    );
    expect(linesOf(lambda.logs(), 'coverage')).toMatchObject([
      { level: 'WARN', errors: [{ code: 'clusters-forbidden' }] },
    ]);
  });

  test('fails without jobs that expect clusters', async () => {
    const lambda = await deploy(settings(), account.env);
    const error = await lambda.fails({ action: 'coverage', jobs: ['other'] });
    expect(error.message).toMatch(/^expect-missing: .* other has no expect/);
  });
});

describe('after a scheduled run', () => {
  test('counts and names what is lost, with what the run listed and left in the list', async () => {
    const lambda = await deploy(settings(), account.env);
    const { jobs, coverage } = await lambda.invoke(scheduleEvent());
    expect(jobs.map(({ status }) => status)).toEqual(['written', 'unchanged']);
    expect(coverage).toMatchObject({
      clusters: [
        { cluster: 'c', lost: 'record' },
        { cluster: 'a', lost: null },
        { cluster: 'b', lost: null },
      ],
    });
    expect(metricsOf(lambda.logs())).toMatchObject([
      {
        ...{ function: 'federation-sync', Expected: 3, Missing: 1, Orphaned: 0 },
        ...{ LostRecord: 1, LostSelected: 0, LostList: 0, LostLoaded: 0, LostScraped: 0 },
        CoverageFailed: 0,
      },
    ]);
    expect(metricsOf(lambda.logs())[0]).not.toHaveProperty('Duration');
    expect(linesOf(lambda.logs(), 'not covered')).toMatchObject([
      {
        ...{ level: 'WARN', job: 'federate', cluster: 'c', lost: 'record' },
        reason: 'no record set gives this id',
        remedy: expect.stringContaining('hostname=c.internal'),
        since: expect.any(String),
      },
    ]);
    expect(countOf('ListClusters')).toBe(1);
    expect(countOf(LIST)).toBe(2);
    // Before and after the listing, and not for its coverage.
    expect(countOf('get configmaps')).toBe(1);
  });

  test('says since when a cluster is lost, as far as this environment knows', async () => {
    const lambda = await deploy(settings(), account.env);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    try {
      const sinceOf = async () => {
        await lambda.invoke(scheduleEvent());
        return linesOf(lambda.logs(), 'not covered').at(-1)?.since;
      };
      const first = await sinceOf();
      vi.advanceTimersByTime(60_000);
      expect(await sinceOf()).toBe(first);
      account.zone(ZONE, 'a', 'b', 'c');
      await lambda.invoke(scheduleEvent());
      account.zone(ZONE, 'a', 'b');
      vi.advanceTimersByTime(60_000);
      expect(Date.parse(String(await sinceOf()))).toBe(Date.parse(String(first)) + 120_000);
    } finally {
      vi.useRealTimers();
    }
  });

  test('uses what its verification found, without asking the server again', async () => {
    account.zone(ZONE, 'a');
    const lambda = await deploy(settings({}, SERVED), account.env);
    await lambda.invoke({});
    prometheus.file = document();
    prometheus.reload();
    prometheus.down.set('a.internal.', 'connect: connection refused');
    prometheus.requests.length = 0;
    const { coverage } = await lambda.invoke(scheduleEvent());
    expect(coverage).toMatchObject({
      clusters: [
        { cluster: 'b', lost: 'record' },
        { cluster: 'c', lost: 'record' },
        { cluster: 'a', lost: 'scraped', reason: 'a.internal.: connect: connection refused' },
      ],
    });
    expect(prometheus.requests.filter((path) => path.includes('targets'))).toHaveLength(1);
    expect(metricsOf(lambda.logs())[0]).toMatchObject({ Missing: 3, LostScraped: 1 });
  });

  test('knows the list where the server cannot be asked', async () => {
    const lambda = await deploy(settings({}, SERVED), account.env);
    await lambda.invoke({});
    account.kubernetes.serve('monitoring', 'prometheus-server:80', undefined);
    const { jobs, coverage } = await lambda.invoke(scheduleEvent());
    expect(jobs[0]?.status).toBe('unchanged');
    expect(coverage).toMatchObject({
      clusters: [
        { cluster: 'c', lost: 'record' },
        { cluster: 'a', lost: null, reason: expect.stringContaining('prometheus-unreachable') },
        { cluster: 'b', lost: null },
      ],
      errors: [{ job: 'federate', code: 'prometheus-unreachable' }],
    });
    expect(metricsOf(lambda.logs())[0]).toMatchObject({ CoverageFailed: 1 });
    expect(metricsOf(lambda.logs())[0]).not.toHaveProperty('Missing');
  });

  test('reads the list where the run did not: the object is paused', async () => {
    const object = account.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server') as {
      metadata: { annotations: Record<string, string> };
    };
    const annotations = {
      ...object.metadata.annotations,
      'route53-federation-sync/paused': 'for a test',
    };
    account.kubernetes.put({ ...object, metadata: { ...object.metadata, annotations } } as never);
    const lambda = await deploy(settings(), account.env);
    const { jobs, coverage } = await lambda.invoke(scheduleEvent());
    expect(jobs[0]?.status).toBe('paused');
    expect(coverage).toMatchObject({
      clusters: [
        { cluster: 'c', lost: 'record' },
        {
          ...{ cluster: 'b', lost: 'list', reason: 'not in the list: the object is paused' },
          remedy:
            'kubectl annotate configmap prometheus-server -n monitoring route53-federation-sync/paused-',
        },
        { cluster: 'a', lost: null },
      ],
    });
  });

  test('is not part of other runs, or of jobs that expect nothing', async () => {
    const lambda = await deploy(settings(), account.env);
    expect(await lambda.invoke({})).not.toHaveProperty('coverage');
    expect(await lambda.invoke({ action: 'plan' })).not.toHaveProperty('coverage');
    expect(countOf('ListClusters')).toBe(0);
    const without = await deploy(SETTINGS, account.env);
    expect(await without.invoke(scheduleEvent())).not.toHaveProperty('coverage');
    expect(metricsOf(without.logs())).toEqual([]);
  });

  describe('never changes or delays the sync', () => {
    /** The answer without its coverage, and the metrics of the sync. */
    async function scheduled(remainingMs?: number) {
      account.reset();
      const lambda = await deploy(settings(), account.env);
      const { coverage, ...answer } = await lambda.invoke(scheduleEvent(), remainingMs);
      const synced = lambda.logs().filter((line) => '_aws' in line && 'Succeeded' in line);
      const metrics = synced.map(({ job, Succeeded, Added, Failed }) => {
        return { job, Succeeded, Added, Failed };
      });
      return { coverage, answer, metrics, logs: lambda.logs() };
    }
    const broken: [string, () => void][] = [
      ['EKS denies', () => account.aws.identity.deny('eks:ListClusters')],
      ['EKS fails', () => account.faults.on({ operation: 'ListClusters', times: 9 }, 'html')],
    ];

    test.each(broken)('where %s', async (_, breakIt) => {
      const well = await scheduled();
      account.reset();
      const reset = account.reset;
      account.reset = () => {
        reset();
        breakIt();
      };
      const bad = await scheduled().finally(() => {
        account.reset = reset;
      });
      expect(bad.answer).toEqual(well.answer);
      expect(bad.metrics).toEqual(well.metrics);
      expect(bad.coverage).toMatchObject({ errors: [{ job: 'federate' }] });
      expect(metricsOf(bad.logs)[0]).toMatchObject({ CoverageFailed: 1 });
      expect(metricsOf(bad.logs)[0]).not.toHaveProperty('Expected');
    });

    test('where EKS does not answer: it ends before the function does, and the metrics are out', async () => {
      account.faults.on({ operation: 'ListClusters', times: 9 }, 'hang');
      const lambda = await deploy(settings(), account.env);
      const { jobs, coverage } = await lambda.invoke(scheduleEvent(), 4_000);
      expect(jobs.map(({ status }) => status)).toEqual(['written', 'unchanged']);
      expect(coverage).toMatchObject({ errors: [{ code: 'deadline' }] });
      const lines = lambda.logs().filter((line) => '_aws' in line);
      expect(lines.map((line) => 'Succeeded' in line)).toEqual([true, true, false]);
    });
  });
});
