import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateHostedZoneCommand,
  ListHostedZonesCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from './available.ts';
import type { PrometheusMajor } from './found.ts';
import { createKubeletVolume } from './kubelet-volume.ts';
import { type Lambda, startLambda } from './lambda-runtime.ts';
import { type Moto, startMoto } from './moto.ts';
import { type Named, startNamed } from './named.ts';
import { removeFolder, temporaryFolder } from './process.ts';
import { type Prometheus, promtool, startPrometheus } from './prometheus.ts';

describeWith('moto', 'is Route 53', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());

  test('keeps a hosted zone until it is reset', async () => {
    const client = new Route53Client({
      endpoint: moto.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });
    await client.send(
      new CreateHostedZoneCommand({ Name: 'prometheus.internal', CallerReference: 'one' }),
    );
    const names = async () =>
      (await client.send(new ListHostedZonesCommand({}))).HostedZones?.map((zone) => zone.Name);
    expect(await names()).toEqual(['prometheus.internal.']);
    await moto.reset();
    expect(await names()).toEqual([]);
  });
});

for (const version of ['2', '3'] satisfies PrometheusMajor[]) {
  describeWith(`prometheus-${version}`, 'scrapes what it is told to', () => {
    const config = (jobName: string, targets: string[] = []) =>
      JSON.stringify({
        global: { scrape_interval: '1s' },
        scrape_configs: [{ job_name: jobName, static_configs: [{ targets }] }],
      });
    let server: Prometheus;
    beforeAll(async () => {
      server = await startPrometheus({ version, config: config('first') });
    });
    afterAll(() => server?.stop());

    test('loads another configuration on SIGHUP, and on a reload', async () => {
      server.rewrite(config('second'));
      server.hangUp();
      await expect.poll(() => server.loadedConfig()).toContain('job_name: second');
      server.rewrite(config('self', [server.address]));
      expect((await server.reload()).status).toBe(200);
      // Discovery hands its targets on every five seconds.
      await expect
        .poll(async () => (await server.targets()).map(({ health }) => health), { timeout: 20_000 })
        .toEqual(['up']);
      // The targets page knows of a scrape before its samples can be queried.
      await expect
        .poll(() => server.query('up{job="self"}'))
        .toMatchObject([{ value: [expect.any(Number), '1'] }]);
    });

    test('refuses an unknown field, and keeps what it has', async () => {
      server.rewrite('scrape_configs: [{ job_name: a, nonsense: 1 }]');
      expect(await server.reload()).toMatchObject({ status: 500 });
      expect(await server.loadedConfig()).toContain('job_name: self');
    });

    test('has a promtool of its own version', async () => {
      expect(await promtool(version, 'config', config('self', ['a:9090']))).toMatchObject({
        ok: true,
      });
      expect(await promtool(version, 'config', 'nonsense: 1')).toMatchObject({
        ok: false,
        output: expect.stringContaining('field nonsense not found'),
      });
    });
  });
}

describeWith('named', 'serves a private zone', () => {
  const zone = 'prometheus.internal';
  let named: Named;
  beforeAll(async () => {
    named = await startNamed({
      zone,
      records: [
        { name: `a.${zone}.`, type: 'A', value: '127.0.0.2' },
        { name: `b.${zone}`, type: 'CNAME', value: `a.${zone}.` },
        { name: `\\052.wild.${zone}.`, type: 'A', value: '127.0.0.3' },
      ],
    });
  });
  afterAll(() => named?.stop());

  test('answers with its records, aliases and wildcards, and with nothing for other names', async () => {
    const resolver = named.resolver();
    expect(await resolver.resolve4(`a.${zone}`)).toEqual(['127.0.0.2']);
    expect(await resolver.resolve4(`b.${zone}`)).toEqual(['127.0.0.2']);
    expect(await resolver.resolve4(`any.wild.${zone}`)).toEqual(['127.0.0.3']);
    await expect(resolver.resolve4(`c.${zone}`)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('answers with new records once they are updated', async () => {
    await named.update([{ name: `c.${zone}`, type: 'A', value: '127.0.0.4' }]);
    const resolver = named.resolver();
    expect(await resolver.resolve4(`c.${zone}`)).toEqual(['127.0.0.4']);
    await expect(resolver.resolve4(`a.${zone}`)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

describeWith('lambda-runtime', 'runs a bundle', () => {
  let bundle: string;
  let lambda: Lambda;
  beforeAll(async () => {
    bundle = temporaryFolder('bundle');
    writeFileSync(
      join(bundle, 'index.mjs'),
      `let calls = 0;
      export const handler = async ({ name, fault, ms }) => {
        console.log('called by', name);
        if (fault) throw new TypeError(fault);
        if (ms) await new Promise((resolve) => setTimeout(resolve, ms));
        return { calls: ++calls, stage: process.env.STAGE, leaked: process.env.HOME };
      };`,
    );
    lambda = await startLambda({
      folder: bundle,
      handler: 'index.handler',
      env: { STAGE: 'test' },
    });
  });
  afterAll(async () => {
    await lambda?.stop();
    removeFolder(bundle);
  });

  test('answers, prints and lives on between invocations', async () => {
    expect(await lambda.invoke({ name: 'us' })).toMatchObject({
      response: { calls: 1, stage: 'test' },
      logs: expect.stringContaining('called by us'),
    });
    const { response, logs } = await lambda.invoke({ name: 'them' });
    expect(response).toEqual({ calls: 2, stage: 'test' });
    expect(logs).not.toContain('called by us');
  });

  test('reports what the handler throws', async () => {
    expect(await lambda.invoke({ fault: 'no zone' })).toMatchObject({
      error: { errorType: 'TypeError', errorMessage: 'no zone' },
    });
  });

  test('is killed at its deadline and starts again', async () => {
    expect(await lambda.invoke({ ms: 60_000 }, { deadlineMs: 300 })).toMatchObject({
      error: { errorType: 'Sandbox.Timedout' },
    });
    expect(await lambda.invoke({})).toMatchObject({ response: { calls: 1 } });
  });

  test('says why a bundle cannot be loaded', async () => {
    await expect(startLambda({ folder: bundle, handler: 'absent.handler' })).rejects.toThrow(
      /Runtime\.ImportModuleError/,
    );
  });
});

test('a kubelet volume swaps all keys at once and keeps paths that open', () => {
  const volume = createKubeletVolume({ 'prometheus.yml': 'one', 'rules.yml': 'r' });
  const version = () => readFileSync(volume.path('..data/prometheus.yml'), 'utf8');
  expect([version(), readFileSync(volume.path('prometheus.yml'), 'utf8')]).toEqual(['one', 'one']);
  volume.update({ 'prometheus.yml': 'two', 'alerts.yml': 'a' });
  expect(readFileSync(volume.path('prometheus.yml'), 'utf8')).toBe('two');
  expect(readFileSync(volume.path('alerts.yml'), 'utf8')).toBe('a');
  expect(existsSync(volume.path('rules.yml'))).toBe(false);
  volume.remove();
  expect(existsSync(volume.folder)).toBe(false);
});
