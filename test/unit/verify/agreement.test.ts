import { expect, test } from 'vitest';
import type { ActiveTarget, PoolTargets } from '../../../src/servers/server.ts';
import type { Target } from '../../../src/target.ts';
import { standings } from '../../../src/verify/agreement.ts';

const target = (address: string, clusterID = address): Target => ({
  address,
  labels: { clusterID },
});
const active = (address: string, health = 'up', lastError = ''): ActiveTarget => ({
  discoveredLabels: { __address__: address, clusterID: address },
  scrapePool: 'federate',
  health,
  lastError,
});
const dropped = (address: string) => ({ discoveredLabels: { __address__: address } });
const pool = (parts: Partial<PoolTargets>): PoolTargets => ({
  active: [],
  dropped: [],
  forgotten: 0,
  ...parts,
});

const server = (loaded: Target[], parts: Partial<PoolTargets> = {}, url = 'http://p') => ({
  url,
  loaded,
  pool: pool(parts),
  mixed: false,
});

/** Where `a` stands, as [state, detail]. */
function standingOfA(stages: {
  listed?: Target[];
  loaded?: Target[];
  pool?: Partial<PoolTargets>;
}): [string, string | undefined] {
  const { listed = [target('a')], loaded = [target('a')] } = stages;
  const [a] = standings({
    wanted: [target('a')],
    listed,
    servers: [server(loaded, stages.pool)],
  });
  return [a!.state, a!.detail];
}

test.each([
  ['is scraped', { pool: { active: [active('a')] } }, 'scraped', undefined],
  [
    "is down with Prometheus's own words, in one line",
    { pool: { active: [active('a', 'down', 'dial tcp:\n refused')] } },
    'down',
    'dial tcp: refused',
  ],
  [
    'waits for its first scrape',
    { pool: { active: [active('a', 'unknown')] } },
    'waiting',
    undefined,
  ],
  ['is dropped by relabelling', { pool: { dropped: [dropped('a')] } }, 'dropped', undefined],
  [
    'is dropped, as it seems, where Prometheus forgets what it drops',
    { pool: { forgotten: 3 } },
    'dropped',
    'not among the targets; Prometheus does not keep all dropped targets (keep_dropped_targets)',
  ],
  ['is loaded, but no target yet', {}, 'waiting', 'not among the targets yet'],
  ['is not loaded yet', { loaded: [] }, 'not-loaded', undefined],
  [
    'is loaded with other labels',
    { loaded: [target('a', 'old')], pool: { active: [active('a')] } },
    'not-loaded',
    'loaded as clusterID=old',
  ],
  ['is not in the list', { listed: [], loaded: [] }, 'not-synced', undefined],
  [
    'is not in the list any more, and the server has it yet',
    { listed: [] },
    'not-synced',
    'but the server has loaded it',
  ],
  [
    'is in the list without labels',
    { listed: [{ address: 'a', labels: {} }] },
    'not-synced',
    'the list has no labels',
  ],
  [
    'counts as its worst scrape where several pools have it',
    { pool: { active: [active('a'), active('a', 'down', 'broken')] } },
    'down',
    'broken',
  ],
])('a target %s', (_, stages, state, detail) => {
  expect(standingOfA(stages)).toEqual([state, detail]);
});

test.each([
  ['in the list, and loaded', [target('x')], [target('x')]],
  ['in the list, not loaded', [target('x')], []],
  ['loaded, but no longer in the list', [], [target('x')]],
])('what is not wanted is reported: %s', (detail, listed, loaded) => {
  expect(standings({ wanted: [], listed, servers: [server(loaded)] })).toEqual([
    { ...target('x'), state: 'unwanted', detail },
  ]);
});

test('without a server only the list is compared', () => {
  const stands = standings({
    wanted: [target('a'), target('b')],
    listed: [target('a'), target('c')],
    servers: [],
  });
  expect(stands.map(({ address, state }) => [address, state])).toEqual([
    ['a', 'listed'],
    ['b', 'not-synced'],
    ['c', 'unwanted'],
  ]);
});
