import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeEvent, changeOf, scheduleEvent } from '../event/events.ts';
import { type Account, LIST, OTHER_ZONE, SETTINGS, startAccount, ZONE } from './account.ts';
import { deploy } from './deployed.ts';

let account: Account;
beforeAll(async () => {
  account = await startAccount();
});
afterAll(() => account.close());
beforeEach(() => account.reset());

const deployed = (settings: string | object = SETTINGS) => deploy(settings, account.env);
const many = Array.from({ length: 10 }, (_, i) => `c${i}`);

describe('an event', () => {
  test('of a zone updates the lists of its jobs, and returns the report', async () => {
    const lambda = await deployed();
    expect(await lambda.invoke(changeEvent())).toEqual({
      jobs: [
        {
          name: 'federate',
          to: 'configmap/monitoring/prometheus-server:prometheus.yml',
          status: 'written',
          forced: false,
          records: 2,
          targets: 2,
          added: ['b.internal.'],
          removed: [],
          changed: [],
          withheld: [],
          kept: [],
          skipped: [],
          warnings: [],
        },
      ],
    });
    expect(account.list('federate')).toEqual(['a.internal', 'b.internal']);
    expect(account.list('other')).toEqual(['x.internal']);
  });

  test('may arrive twice, late or out of order: only the zone counts', async () => {
    const lambda = await deployed();
    await lambda.invoke(changeEvent());
    account.zone(ZONE, 'b');
    const events = [changeEvent(), changeEvent(), scheduleEvent()];
    const statuses: unknown[] = [];
    for (const event of events) {
      const { jobs } = await lambda.invoke(event);
      statuses.push(jobs[0]?.status);
    }
    expect(statuses).toEqual(['written', 'unchanged', 'unchanged']);
    expect(account.list('federate')).toEqual(['b.internal']);
  });

  test('that concerns no job is ignored without a call', async () => {
    const lambda = await deployed();
    expect(await lambda.invoke(changeOf('Z9'))).toEqual({
      jobs: [],
      ignored: 'no job names zone Z9',
    });
    expect(await lambda.invoke(changeEvent({ errorCode: 'AccessDenied' }))).toMatchObject({
      ignored: expect.stringContaining('AccessDenied'),
    });
    expect(account.faults.calls).toEqual([]);
  });

  test('that is unknown fails, with the accepted forms', async () => {
    const lambda = await deployed();
    const error = await lambda.fails({ hello: 'world' });
    expect(error.message).toMatch(
      /^event-refused: this function does not handle an object with the keys hello\. Send a Route 53/,
    );
    expect(lambda.logs()).toMatchObject([{ level: 'ERROR', code: 'event-refused' }]);
    expect(account.faults.calls).toEqual([]);
  });

  test('by hand plans without writing', async () => {
    const lambda = await deployed();
    const { jobs } = await lambda.invoke({ action: 'plan' });
    expect(jobs.map(({ name, status }) => [name, status])).toEqual([
      ['federate', 'planned'],
      ['other', 'unchanged'],
    ]);
    expect(account.list('federate')).toEqual(['a.internal']);
    expect(lambda.logs().filter((line) => '_aws' in line)).toEqual([]);
  });

  test('by hand forces the jobs that it names', async () => {
    const lambda = await deployed();
    account.zone(ZONE, ...many);
    await lambda.invoke({});
    account.zone(ZONE);
    expect(await lambda.invoke(changeEvent())).toMatchObject({
      jobs: [{ status: 'refused', error: { code: 'guard-min-targets', retryable: false } }],
    });
    expect(account.list('federate')).toHaveLength(10);
    expect(await lambda.invoke({ jobs: ['federate'], force: true })).toMatchObject({
      jobs: [{ name: 'federate', status: 'written', forced: true }],
    });
    expect(account.list('federate')).toEqual([]);
  });
});

describe('a job that fails', () => {
  test('makes the invocation fail after the others have run', async () => {
    account.aws.route53.deleteZone(ZONE);
    const lambda = await deployed();
    account.zone(OTHER_ZONE, 'x', 'y');
    const error = await lambda.fails(scheduleEvent());
    expect(error.name).toBe('FederationSyncError');
    expect(error.message).toMatch(
      /^zone-missing: 1 of 2 lists failed \(federate\); the first: .*Z08214473FVAJ9QTLWTEC.*\. Check the hosted zone id/,
    );
    expect(error.message).not.toContain('..');
    expect(error.stack).not.toMatch(/\n\s+at /);
    expect(account.list('other')).toEqual(['x.internal', 'y.internal']);
    expect(account.list('federate')).toEqual(['a.internal']);
  });

  test('by a refusal of the guard is an answer, not a failure', async () => {
    const lambda = await deployed();
    account.zone(ZONE, ...many);
    await lambda.invoke({});
    account.zone(ZONE, 'c0');
    expect(await lambda.invoke(changeEvent())).toMatchObject({
      jobs: [{ status: 'refused', error: { code: 'guard-max-removed' } }],
    });
    const [line] = lambda.logs().filter(({ status }) => status === 'refused');
    expect(line).toMatchObject({ level: 'WARN', job: 'federate', removed: 0, withheld: 9 });
  });

  test('by a memory that cannot be read says how to reset it', async () => {
    const lambda = await deployed();
    const stored = account.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
    const metadata = { ...stored?.metadata } as Record<string, unknown>;
    const annotations = {
      ...(metadata.annotations as object),
      'route53-federation-sync/gone': 'x',
    };
    account.kubernetes.put({ ...stored, metadata: { ...metadata, annotations } } as never);
    account.zone(ZONE, 'b');
    await lambda.invoke({});
    const [line] = lambda.logs().filter(({ status }) => status === 'refused');
    expect(line).toMatchObject({
      error: { code: 'guard-memory' },
      warnings: [{ code: 'memory-garbled', message: expect.stringContaining('kubectl annotate') }],
    });
  });

  test('that a person forces leaves an audit trail: names, versions, who changed the zone', async () => {
    const lambda = await deployed();
    account.zone(ZONE, ...many);
    await lambda.invoke({});
    account.zone(ZONE, 'c0', 'new');
    const before = account.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
    await lambda.invoke({ jobs: ['federate'], force: true });
    const after = account.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
    const line = lambda.logs().findLast(({ status }) => status === 'written');
    expect(line).toMatchObject({
      forced: true,
      added: 1,
      removed: 9,
      names: {
        added: ['new.internal.'],
        removed: many.slice(1).map((name) => `${name}.internal.`),
      },
      version: {
        before: before?.metadata.resourceVersion,
        after: after?.metadata.resourceVersion,
      },
    });
  });

  test('names who changed the records, where CloudTrail does', async () => {
    const lambda = await deployed();
    const arn = 'arn:aws:sts::1:assumed-role/external-dns/x';
    await lambda.invoke(changeEvent({ userIdentity: { arn } }));
    expect(lambda.logs().find(({ status }) => status === 'written')).toMatchObject({
      principals: [arn],
    });
  });

  test('of a paused object counts as neither success nor failure', async () => {
    const lambda = await deployed();
    const object = account.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
    const annotations = {
      ...object?.metadata.annotations,
      'route53-federation-sync/paused': 'yes',
    };
    account.kubernetes.put({ ...object, metadata: { ...object?.metadata, annotations } } as never);
    await lambda.invoke(changeEvent());
    expect(lambda.logs().filter((line) => '_aws' in line)).toMatchObject([
      { job: 'federate', Paused: 1, Succeeded: 0, Failed: 0, Refused: 0 },
    ]);
  });

  test('by its timeout ends before Lambda ends it, with a clear error', async () => {
    account.faults.on({ operation: LIST, times: 9 }, 'hang');
    const lambda = await deployed();
    const begun = Date.now();
    const error = await lambda.fails(changeEvent(), 2_000);
    expect(Date.now() - begun).toBeLessThan(1_900);
    expect(error.message).toMatch(/^deadline: /);
    expect(account.list('federate')).toEqual(['a.internal']);
  });
});

describe('settings', () => {
  test('that are faulty stop the run, and are read again at the next event', async () => {
    const lambda = await deployed({ jobs: [{ ...SETTINGS.jobs[0], form: 1 }] });
    const error = await lambda.fails(changeEvent());
    expect(error.message).toMatch(/^settings-invalid: .*jobs\[0\]\.form.*Correct the settings/);
    expect(lambda.logs()[0]).toMatchObject({
      code: 'settings-invalid',
      details: [expect.any(String)],
    });
    expect(account.faults.calls).toEqual([]);
    lambda.rewrite(SETTINGS);
    expect(await lambda.invoke(changeEvent())).toMatchObject({ jobs: [{ status: 'written' }] });
  });

  test('do not allow an environment that turns off the verification of certificates', async () => {
    const lambda = await deploy(SETTINGS, { ...account.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    const error = await lambda.fails({});
    expect(error.message).toMatch(/^settings-invalid: NODE_TLS_REJECT_UNAUTHORIZED=0 turns off/);
    expect(account.faults.calls).toEqual([]);
  });

  test('may be in the environment alone', async () => {
    const lambda = await deploy(undefined, {
      ...account.env,
      FEDERATION_SYNC_CONFIG: '',
      PROMETHEUS_HOSTED_ZONE_ID: ZONE,
      CLUSTER_NAME: 'central',
      CONFIG_MAP_NAME: 'prometheus-server',
      NAME_PATTERN: '\\.internal$',
      ALSO: 'central=prometheus-server:80',
    });
    expect(await lambda.invoke(changeEvent())).toMatchObject({
      jobs: [
        { name: 'federate', status: 'written', added: ['b.internal.', 'prometheus-server:80'] },
      ],
    });
  });
});

describe('what is printed', () => {
  test('is one line of JSON per list, with counts', async () => {
    const lambda = await deployed();
    await lambda.invoke(scheduleEvent());
    const lines = lambda.logs().filter((line) => !('_aws' in line));
    expect(lines).toMatchObject([
      {
        level: 'INFO',
        job: 'federate',
        status: 'written',
        records: 2,
        targets: 2,
        added: 1,
        removed: 0,
        changed: 0,
        skipped: 0,
        conflicts: 0,
      },
      { level: 'INFO', job: 'other', status: 'unchanged', targets: 1, added: 0 },
    ]);
    for (const line of lines) {
      expect(line).toMatchObject({
        service: 'federation-sync',
        function_request_id: expect.any(String),
        durationMs: expect.any(Number),
      });
    }
  });

  test('has metrics by function and job', async () => {
    const lambda = await deployed();
    account.aws.identity.deny('route53:*', { resource: `*${OTHER_ZONE}` });
    await lambda.fails(scheduleEvent());
    const metrics = lambda.logs().filter((line) => '_aws' in line);
    expect(metrics).toMatchObject([
      { job: 'federate', Targets: 2, Added: 1, Removed: 0, Failed: 0, Refused: 0, Succeeded: 1 },
      { job: 'other', Added: 0, Failed: 1, Refused: 0, Succeeded: 0 },
    ]);
    expect(metrics[1]).not.toHaveProperty('Targets');
    for (const { function: name, _aws } of metrics) {
      expect(name).toBe('federation-sync');
      expect(_aws).toMatchObject({
        CloudWatchMetrics: [{ Namespace: 'FederationSync', Dimensions: [['function', 'job']] }],
      });
    }
  });

  test('counts the targets that a refused list still has', async () => {
    const lambda = await deployed();
    account.zone(ZONE);
    await lambda.invoke(changeEvent());
    const metrics = lambda.logs().filter((line) => '_aws' in line);
    expect(metrics).toMatchObject([
      { job: 'federate', Targets: 1, Removed: 0, Refused: 1, Succeeded: 0 },
    ]);
  });

  test('counts and names the targets that are kept', async () => {
    const [job] = SETTINGS.jobs;
    const lambda = await deployed({ ...SETTINGS, jobs: [{ ...job, keep: '15m' }] });
    account.zone(ZONE, 'b');
    await lambda.invoke(changeEvent());
    const [line] = lambda.logs().filter(({ message }) => message === 'sync');
    expect(line).toMatchObject({ status: 'written', added: 1, removed: 0, kept: 1 });
    const kept = expect.stringMatching(/^a\.internal\. until \S+Z$/);
    expect(line).toMatchObject({ names: { kept: [kept] } });
    const [metrics] = lambda.logs().filter((it) => '_aws' in it);
    expect(metrics).toMatchObject({ Targets: 2, Kept: 1, Removed: 0, Succeeded: 1 });
  });

  const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'];
  test.each(LEVELS)('holds no credentials, tokens or contents of documents: %s', async (level) => {
    const { secretAccessKey } = account.credentials;
    const lambda = await deploy(SETTINGS, { ...account.env, POWERTOOLS_LOG_LEVEL: level });
    account.faults.on(
      { operation: 'patch configmaps' },
      { refuse: { status: 422, message: `invalid: ${secretAccessKey}` } },
    );
    await lambda.fails(changeEvent());
    account.faults.on(
      { operation: LIST },
      { refuse: { status: 403, code: 'SignatureDoesNotMatch', message: secretAccessKey } },
    );
    await lambda.fails(changeEvent());
    const tokens = account.faults.calls
      .map(({ headers }) => String(headers.authorization ?? ''))
      .map((header) => header.replace(/^Bearer |^.*Signature=/, ''));
    expect(tokens.some((token) => token.startsWith('k8s-aws-v1.'))).toBe(true);
    for (const secret of [secretAccessKey, 'scrape_interval', ...tokens]) {
      expect(lambda.output()).not.toContain(secret);
    }
  });
});

test('a warm function does not describe the cluster or look up the zones again', async () => {
  const lambda = await deployed();
  await lambda.invoke(scheduleEvent());
  account.faults.clear();
  await lambda.invoke(scheduleEvent());
  expect(account.faults.calls.map(({ operation }) => operation).sort()).toEqual([
    LIST,
    LIST,
    'get configmaps',
    'get configmaps',
  ]);
});
