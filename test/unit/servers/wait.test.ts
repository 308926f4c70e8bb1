import { load } from 'js-yaml';
import { beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import type { Server } from '../../../src/job.ts';
import type { Clock } from '../../../src/run.ts';
import type { Link } from '../../../src/servers/link.ts';
import { Prometheus } from '../../../src/servers/prometheus.ts';
import type { ListIdentity } from '../../../src/servers/server.ts';
import type { Servers } from '../../../src/servers/servers.ts';
import { ThanosQuery } from '../../../src/servers/thanos-query.ts';
import { type WaitOptions, type WrittenList, waitUntilLoaded } from '../../../src/servers/wait.ts';
import { PrometheusEmulator } from '../../support/emulators/prometheus.ts';

const config = (...targets: string[]) => `
scrape_configs:
  - job_name: federate
    static_configs:
      - targets: [${targets.join(', ')}]
        labels: { clusterID: a }
`;
const asked: ListIdentity = { format: 'static_configs', job: 'federate', fileName: 'p.yml' };
const target = (address: string) => ({ address, labels: { clusterID: 'a' } });
const written = (...addresses: string[]): WrittenList => ({
  asked,
  targets: addresses.map(target),
  removed: [],
});

/** Simulated time: a pause takes none, and does what happens in the meantime. */
class Time implements Clock {
  at = 1_000_000;
  readonly plan: { at: number; act: () => void }[] = [];
  now = () => this.at;
  async sleep(milliseconds: number, signal: AbortSignal) {
    if (signal.aborted) return false;
    this.at += milliseconds;
    for (const due of this.plan.filter(({ at }) => at <= this.at)) due.act();
    return !signal.aborted;
  }
  turn = async () => {};
  random = () => 0.5;
  after(milliseconds: number, act: () => void) {
    this.plan.push({ at: this.at + milliseconds, act });
  }
}

let time: Time;
let parts: Map<string, PrometheusEmulator>;
beforeEach(() => {
  time = new Time();
  parts = new Map();
});

function server(name: string, ...targets: string[]): PrometheusEmulator {
  const part = new PrometheusEmulator(config(...targets));
  parts.set(`http://${name}`, part);
  return part;
}

const servers: Servers = {
  open: async (named) => {
    const { url } = named as { url: string };
    const link: Link = {
      url,
      async send(method, path) {
        const part = parts.get(url);
        if (!part) throw new Fault('prometheus-unreachable', `${url}: connection refused`);
        const [name, query] = path.split('?');
        const { status, headers, body } = part.answer({
          method,
          path: `/${name}`,
          query: new URLSearchParams(query),
        });
        const contentType = String(headers?.['content-type']);
        return { status, contentType, retryAfter: undefined, bytes: Buffer.from(body ?? '') };
      },
    };
    return new Prometheus(link);
  },
};

const named = (name: string, reload = false): Server => ({ url: `http://${name}`, reload });

function wait(list: WrittenList, to: readonly Server[], options: Partial<WaitOptions> = {}) {
  const { signal } = new AbortController();
  return waitUntilLoaded(list, to, servers, {
    signal,
    clock: time,
    since: time.at,
    waitMs: 15_000,
    ...options,
  });
}

test('ends at once where the server has the list already', async () => {
  server('a', 'x', 'y');
  expect(await wait(written('y', 'x'), [named('a')])).toEqual({ loadedAfterMs: 0 });
});

test('ends when every server has loaded exactly the list, and counts from the write', async () => {
  const [a, b] = [server('a', 'x'), server('b', 'x', 'old')];
  for (const part of [a, b]) part.file = config('x', 'new');
  time.after(1_000, () => a.reload());
  time.after(3_000, () => b.reload());
  const since = time.at - 500;
  const result = await wait(written('x', 'new'), [named('a'), named('b')], { since });
  // Both wait on the one clock here, so it is the order that counts, and the half second before.
  expect(result).toEqual({ loadedAfterMs: expect.any(Number) });
  expect((result as { loadedAfterMs: number }).loadedAfterMs).toBeGreaterThanOrEqual(3_500);
});

test.each<[string, WrittenList, RegExp]>([
  ['a target is missing', written('x', 'new'), /^not loaded within 15s: http:\/\/a: it lacks new$/],
  ['a target is too many', written(), /: it still has x$/],
  [
    'a label differs',
    { asked, targets: [{ address: 'x', labels: { clusterID: 'b' } }], removed: [] },
    /: it lacks x$/,
  ],
  ['many are missing', written('1', '2', '3', '4', '5'), /: it lacks 1, 2, 3 and 2 more targets$/],
])('%s: says so after the time', async (_, list, why) => {
  server('a', 'x');
  expect(await wait(list, [named('a')])).toEqual({ why: expect.stringMatching(why) });
});

test('one stale server of a pair is named', async () => {
  server('a', 'x');
  server('b', 'old');
  const end = new AbortController();
  time.after(5_000, () => end.abort());
  expect(await wait(written('x'), [named('a'), named('b')], { signal: end.signal })).toEqual({
    why: 'not loaded before the run timed out: http://b: it lacks x',
  });
});

describe('reload', () => {
  test('is posted where the settings say so, until the file is there', async () => {
    const part = server('a', 'x');
    time.after(700, () => {
      part.file = config('x', 'new');
    });
    const result = await wait(written('x', 'new'), [named('a', true)]);
    expect(result).toHaveProperty('loadedAfterMs');
    expect(part.requests.filter((it) => it === 'POST /-/reload').length).toBeGreaterThan(1);
  });

  test('is not posted anywhere else', async () => {
    const part = server('a', 'x');
    part.file = config('x', 'new');
    time.after(2_000, () => part.reload());
    await wait(written('x', 'new'), [named('a')]);
    expect(part.requests).not.toContain('POST /-/reload');
  });

  test.each<[string, (part: PrometheusEmulator) => void, string]>([
    [
      'fails because the rest of the file is broken',
      (part) => {
        part.file = 'scrape_configs: [';
      },
      'the reload failed: its configuration is broken',
    ],
    [
      'is not allowed',
      (part) => {
        part.lifecycle = false;
      },
      'access denied (HTTP 403)',
    ],
  ])('that %s is the reason', async (_, break_, why) => {
    const part = server('a', 'x');
    break_(part);
    expect(() => load(part.file)).toBeDefined();
    const end = new AbortController();
    time.after(3_000, () => end.abort());
    const result = await wait(written('x', 'y'), [named('a', true)], { signal: end.signal });
    expect(result).toEqual({ why: `not loaded before the run timed out: http://a: ${why}` });
  });
});

test('a server that cannot be reached is asked again, and named', async () => {
  time.after(800, () => server('a', 'x'));
  expect(await wait(written('x'), [named('a')])).toHaveProperty('loadedAfterMs');
  const end = new AbortController();
  time.after(2_000, () => end.abort());
  expect(await wait(written('x'), [named('gone')], { signal: end.signal })).toEqual({
    why: 'not loaded before the run timed out: http://gone: connection refused',
  });
});

test('a server that cannot be opened is a reason, not an error', async () => {
  const broken: Servers = {
    ...servers,
    open: () => {
      throw new Fault('cluster-invalid', 'the kubeconfig has no context central');
    },
  };
  const { signal } = new AbortController();
  const options = { signal, clock: time, since: time.at, waitMs: 1_000 };
  expect(await waitUntilLoaded(written('x'), [named('a')], broken, options)).toEqual({
    why: 'not loaded: the kubeconfig has no context central',
  });
});

test('shows what it waits for, and that it does not any more', async () => {
  server('a', 'x');
  const shown: unknown[] = [];
  await wait(written('x'), [named('a')], { waiting: (text) => shown.push(text) });
  expect(shown).toEqual(['waiting for http://a to load the list', undefined]);
});

test('Thanos Query may have endpoints from elsewhere: those written must be there, those removed gone', async () => {
  let names = ['store:10901', 'old:10901'];
  const link: Link = {
    url: 'http://query',
    send: async () => ({
      status: 200,
      contentType: 'application/json',
      retryAfter: undefined,
      bytes: Buffer.from(
        JSON.stringify({
          status: 'success',
          data: { sidecar: names.map((name) => ({ name, lastError: null, labelSets: [] })) },
        }),
      ),
    }),
  };
  const query: Servers = { ...servers, open: async () => new ThanosQuery(link) };
  const list: WrittenList = {
    asked: { ...asked, format: 'thanos_endpoints' },
    targets: [{ address: 'new:10901', labels: {} }],
    removed: [{ address: 'old:10901', labels: {} }],
  };
  time.after(1_000, () => {
    names = ['store:10901', 'old:10901', 'new:10901'];
  });
  time.after(2_000, () => {
    names = ['store:10901', 'new:10901'];
  });
  const { signal } = new AbortController();
  const options = { signal, clock: time, since: time.at, waitMs: 15_000 };
  const result = await waitUntilLoaded(list, [named('query')], query, options);
  expect((result as { loadedAfterMs: number }).loadedAfterMs).toBeGreaterThanOrEqual(2_000);
});
