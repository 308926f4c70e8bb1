import { beforeEach, expect, test } from 'vitest';
import { PROMETHEUS, prometheusYml, summarize, World } from '../../support/fakes/world.ts';

// A pattern that backtracks keeps the whole process busy: no timer runs, no signal is heard.

const ENDLESS = '^(([a-z])+.)+[A-Z]([a-z])+$';
const NAME = `${'a'.repeat(60)}.internal`;
/** Of one call of the matcher; see patterns.ts. */
const BUDGET_MS = 1_000;

// The budget is wall clock time, which a busy machine can use up; a run that exceeds its own does so every time.
const options = { retry: 2 };

let world: World;
beforeEach(() => {
  world = new World();
  world.zones.set('Z1', NAME);
});

test.each([
  ['name', { select: { name: ENDLESS } }],
  ['exclude', { select: { name: 'internal', exclude: [ENDLESS] } }],
])('an endless %s pattern ends its own job, and no other', options, async (_, endless) => {
  world.store.put(PROMETHEUS, prometheusYml({ one: [], two: [] }), { managed: ['one', 'two'] });
  const begun = performance.now();
  const outcomes = await world.sync(world.jobs({ job: 'one', ...endless }, { job: 'two' }));
  expect(summarize(outcomes)).toEqual(['one failed pattern-timeout', 'two written']);
  expect(performance.now() - begun).toBeLessThan(BUDGET_MS + 1_000);
});

test('twenty jobs with endless patterns still end with the run', options, async () => {
  const names = Array.from({ length: 20 }, (_, i) => `job${i}`);
  const lists = Object.fromEntries(names.map((name) => [name, []]));
  world.store.put(PROMETHEUS, prometheusYml(lists), { managed: names });
  const begun = performance.now();
  const deadlineMs = 2_500;
  const outcomes = await world.sync(
    world.jobs(...names.map((job) => ({ job, select: { name: ENDLESS } }))),
    { signal: AbortSignal.timeout(deadlineMs) },
  );
  expect(performance.now() - begun).toBeLessThan(deadlineMs + BUDGET_MS + 500);
  const ends = summarize(outcomes).map((text) => text.split(' ').at(-1));
  expect(new Set(ends)).toEqual(new Set(['pattern-timeout', 'deadline']));
  expect(world.store.writes()).toBe(0);
});
