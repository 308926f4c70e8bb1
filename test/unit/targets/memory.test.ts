import { describe, expect, test } from 'vitest';
import { type Gone, type Memory, memoryText, readMemory } from '../../../src/targets/memory.ts';

const NOT_KEPT = () => false;
const gone = (hosts: Record<string, number>, more = { count: 0, at: 0 }): Gone => ({
  hosts: new Map(Object.entries(hosts)),
  more,
});

test('is short, versioned, and says the same when it is read again', () => {
  const memory: Memory = new Map([
    ['prometheus.yml/federate', gone({ 'b.internal': 1764165600, 'a.internal': 1764165700 })],
    ['prometheus.yml/all, and more', gone({}, { count: 3, at: 1764165500 })],
    ['x.yml/empty', gone({})],
  ]);
  const text = memoryText(memory, NOT_KEPT);
  expect(text).toBe(
    '{"v":1,"lists":{"prometheus.yml/all, and more":{"more":[3,1764165500]},' +
      '"prometheus.yml/federate":{"gone":{"a.internal":1764165700,"b.internal":1764165600}}}}',
  );
  const again = readMemory(text);
  expect(again).not.toBe('garbled');
  expect(memoryText(again as Memory, NOT_KEPT)).toBe(text);
});

test('of nothing is no annotation, and none is nothing', () => {
  expect(memoryText(new Map([['a/b', gone({})]]), NOT_KEPT)).toBeUndefined();
  expect(readMemory(undefined)).toEqual(new Map());
  expect(readMemory('')).toEqual(new Map());
});

test.each([
  'x',
  '{}',
  'null',
  '[]',
  '{"v":1}',
  '{"v":2,"lists":{}}',
  '{"v":1,"lists":[]}',
  '{"v":1,"lists":{"a/b":null}}',
  '{"v":1,"lists":{"a/b":{"gone":[]}}}',
  '{"v":1,"lists":{"a/b":{"gone":{"x":"soon"}}}}',
  '{"v":1,"lists":{"a/b":{"gone":{"x":-1}}}}',
  '{"v":1,"lists":{"a/b":{"gone":{"x":1.5}}}}',
  '{"v":1,"lists":{"a/b":{"more":[1]}}}',
  '{"v":1,"lists":{"a/b":{"more":[1,2,3]}}}',
  '{"v":1,"lists":{"a/b":{"more":{"0":1,"1":2}}}}',
  '{"v":1,"lists":{"a/b":{"gone":{"x":1}}}',
])('%s is garbled', (text) => {
  expect(readMemory(text)).toBe('garbled');
});

describe('of more hosts than have room', () => {
  const host = (i: number) => `cluster-${String(i).padStart(5, '0')}.prometheus.internal`;
  const many = (n: number) =>
    gone(Object.fromEntries(Array.from({ length: n }, (_, i) => [host(i), 1_764_000_000 + i])));
  const read = (text: string | undefined) =>
    (readMemory(text) as Memory).get('prometheus.yml/federate') as Gone;

  test('the oldest removals are merged into a count', () => {
    const memory = new Map([['prometheus.yml/federate', many(5_000)]]);
    const text = memoryText(memory, NOT_KEPT);
    expect(Buffer.byteLength(text ?? '')).toBeLessThanOrEqual(64 * 1024);
    expect(Buffer.byteLength(text ?? '')).toBeGreaterThan(63 * 1024);
    const { hosts, more } = read(text);
    expect(hosts.size + more.count).toBe(5_000);
    // The latest of those that are only counted, and none that is named is older.
    expect(more.at).toBe(1_764_000_000 + more.count - 1);
    expect(Math.min(...hosts.values())).toBe(more.at + 1);
    // What was counted once stays counted.
    expect(memoryText(readMemory(text) as Memory, NOT_KEPT)).toBe(text);
  });

  test('a removal in the count is not named again, and adds up', () => {
    const full = read(memoryText(new Map([['prometheus.yml/federate', many(5_000)]]), NOT_KEPT));
    const later = new Map([...full.hosts, ['late.internal', 1_765_000_000]] as const);
    const { hosts, more } = read(
      memoryText(
        new Map([['prometheus.yml/federate', { hosts: later, more: full.more }]]),
        NOT_KEPT,
      ),
    );
    expect(hosts.has('late.internal')).toBe(true);
    expect(hosts.size + more.count).toBe(5_001);
  });

  test('kept hosts come first, and those that went last are forgotten, never counted', () => {
    const memory = new Map([['prometheus.yml/federate', many(5_000)]]);
    const { hosts, more } = read(memoryText(memory, () => true));
    expect(more).toEqual({ count: 0, at: 0 });
    expect(hosts.size).toBeGreaterThan(1_000);
    expect([...hosts.keys()]).toEqual(Array.from({ length: hosts.size }, (_, i) => host(i)));
    const some = read(memoryText(memory, (_, name) => name < host(100)));
    expect(some.hosts.size + some.more.count).toBe(5_000);
    expect(some.hosts.get(host(0))).toBe(1_764_000_000);
  });

  test('names of any bytes are counted as they are written', () => {
    const odd = gone(
      Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`"\u00e4\u0001${i}`, i])),
    );
    const text = memoryText(new Map([['k/j', odd]]), NOT_KEPT) ?? '';
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(64 * 1024);
  });
});
