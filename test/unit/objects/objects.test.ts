import { describe, expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import {
  type KubernetesRef,
  type Location,
  locationText,
  type ObjectRef,
  objectText,
} from '../../../src/location.ts';
import {
  isAdopted,
  LARGEST_OBJECT,
  type Objects,
  objectMissing,
  objectsOf,
  type Snapshot,
  sizeFault,
  textAt,
} from '../../../src/objects/objects.ts';
import { run } from './contract.ts';

const file: ObjectRef & Location = { kind: 'file', path: 'prometheus.yml' };
const configMap: KubernetesRef = {
  kind: 'configMap',
  namespace: 'monitoring',
  name: 'prometheus-server',
};
const NEW = { texts: new Map([['prometheus.yml', 'new']]), managed: [] };

const snapshotOf = (object: ObjectRef, more: Partial<Snapshot> = {}): Snapshot => ({
  object,
  texts: new Map([['prometheus.yml', 'old']]),
  version: '1',
  adopted: undefined,
  memory: undefined,
  ours: false,
  paused: false,
  bytes: 3,
  lastWriter: undefined,
  ...more,
});

/** Remembers which object was read and written. */
function recorder(): Objects & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    async read(object) {
      calls.push(`read ${objectText(object)}`);
      return snapshotOf(object);
    },
    async write({ object }) {
      calls.push(`write ${objectText(object)}`);
      return { status: 'written', version: '2', warnings: [] };
    },
  };
}

test('a location has a short text', () => {
  const key = 'prometheus.yml';
  expect(locationText(file)).toBe('file:prometheus.yml');
  expect(locationText({ ...configMap, key })).toBe(
    'configmap/monitoring/prometheus-server:prometheus.yml',
  );
  expect(locationText({ ...configMap, kind: 'secret', key })).toBe(
    'secret/monitoring/prometheus-server:prometheus.yml',
  );
  expect(objectText({ ...configMap, kind: 'secret' })).toBe('secret/monitoring/prometheus-server');
});

test('files need no cluster; other objects open one, once', async () => {
  const files = recorder();
  const kubernetes = recorder();
  let opened = 0;
  const objects = objectsOf(
    async () => files,
    () => {
      opened += 1;
      return kubernetes;
    },
  );
  await objects.write(await objects.read(file, { create: false }, run), NEW, run);
  expect(opened).toBe(0);
  await objects.write(await objects.read(configMap, { create: false }, run), NEW, run);
  expect(opened).toBe(1);
  expect(files.calls).toEqual(['read file:prometheus.yml', 'write file:prometheus.yml']);
  expect(kubernetes.calls).toEqual([
    `read ${objectText(configMap)}`,
    `write ${objectText(configMap)}`,
  ]);
});

describe('the text at a place', () => {
  const at = (snapshot: Snapshot, key: string, create = false) => {
    try {
      return textAt(snapshot, { location: { ...configMap, key }, create });
    } catch (error) {
      return (error as Fault).code;
    }
  };
  const there = snapshotOf(configMap);
  const missing = snapshotOf(configMap, { version: undefined, texts: new Map() });

  test.each([
    ['is the value of its key', there, 'prometheus.yml', false, 'old'],
    ['is refused where the key is missing', there, 'other', false, 'key-missing'],
    ['is no inherited property', there, 'constructor', false, 'key-missing'],
    ["is not added to somebody else's object", there, 'other', true, 'object-not-ours'],
    ['may be added to ours', snapshotOf(configMap, { ours: true }), 'other', true, undefined],
    ['is refused where the object is missing', missing, 'prometheus.yml', false, 'object-missing'],
    ['may be created', missing, 'prometheus.yml', true, undefined],
    [
      'is refused where the value is not a text',
      snapshotOf(configMap, { texts: new Map([['a', new Fault('document-broken', 'no text')]]) }),
      'a',
      true,
      'document-broken',
    ],
  ])('%s', (_, snapshot, key, create, expected) => {
    expect(at(snapshot, key, create)).toBe(expected);
  });

  test('that is missing names the keys that are there, and no value', () => {
    const location = { ...configMap, key: 'other' };
    const texts = new Map([
      ['rules.yml', 'hidden'],
      ['alerts.yml', 'hidden'],
    ]);
    const read = () => textAt(snapshotOf(configMap, { texts }), { location, create: false });
    expect(read).toThrow(/alerts.yml, rules.yml/);
    expect(read).not.toThrow(/hidden/);
  });

  test('that is missing says so where there are no keys, and where it is not ours to add', () => {
    const location = { ...configMap, key: 'other' };
    const empty = snapshotOf(configMap, { texts: new Map(), ours: false });
    const object = `configmap/${configMap.namespace}/${configMap.name}`;
    expect(() => textAt(empty, { location, create: false })).toThrow(
      `${object} has no key other (its keys: none)`,
    );
    expect(() => textAt(empty, { location, create: true })).toThrow(
      `${object} has no key other, and is not ours to add one`,
    );
  });

  test('of an object that is missing keeps the cause', () => {
    const cause = new Error('404');
    expect(objectMissing(file, cause)).toMatchObject({ code: 'file-missing', cause });
    expect(objectMissing(file).message).toMatch(/ does not exist$/);
  });

  test('of a file that is missing is refused as such', () => {
    const snapshot = snapshotOf(file, { version: undefined, texts: new Map() });
    expect(() => textAt(snapshot, { location: file, create: false })).toThrow(
      expect.objectContaining({ code: 'file-missing' }),
    );
  });
});

describe('the size of an object', () => {
  const of = (length: number) => new Map([['prometheus.yml', 'x'.repeat(length)]]);

  test('may be 1 MiB, and not one byte more', () => {
    const snapshot = snapshotOf(configMap, { bytes: 3 + 100 });
    expect(sizeFault(snapshot, of(LARGEST_OBJECT - 100))).toBeUndefined();
    const fault = sizeFault(snapshot, of(LARGEST_OBJECT - 99));
    expect(fault).toMatchObject({ code: 'object-too-large', retryable: false });
    expect(fault?.message).toContain(String(LARGEST_OBJECT + 1));
  });

  test('counts bytes, of all texts that are written, and of keys that are new', () => {
    const half = 'é'.repeat(LARGEST_OBJECT / 4);
    const snapshot = snapshotOf(configMap);
    const texts = new Map([
      ['prometheus.yml', half],
      ['other', half],
    ]);
    expect(sizeFault(snapshot, texts)).toBeUndefined();
    expect(sizeFault(snapshot, texts.set('third', 'x'))?.message).toMatch(
      /524288 in prometheus.yml, 524288 in other, 1 in third/,
    );
  });

  test('has no limit for a file', () => {
    expect(sizeFault(snapshotOf(file), of(LARGEST_OBJECT + 1))).toBeUndefined();
  });
});

test('an object is adopted for the jobs that its annotation names, a file for all', () => {
  expect(isAdopted({ adopted: ['federate'] }, 'federate')).toBe(true);
  expect(isAdopted({ adopted: ['federate'] }, 'other')).toBe(false);
  expect(isAdopted({ adopted: undefined }, 'federate')).toBe(false);
  expect(isAdopted({ adopted: 'always' }, 'federate')).toBe(true);
});
