import { expect, test } from 'vitest';
import { objectText, placeText } from '../../../src/location.ts';
import type { Documents, Location, Snapshot } from '../../../src/objects/documents.ts';
import { documentsOf, dryRun } from '../../../src/objects/objects.ts';
import { run } from './contract.ts';

const file: Location = { kind: 'file', path: 'prometheus.yml' };
const object = { namespace: 'monitoring', name: 'prometheus-server', key: 'prometheus.yml' };
const configMap: Location = { kind: 'configMap', ...object };

const snapshotOf = (location: Location): Snapshot => ({
  location,
  text: 'old',
  version: '1',
  adopted: undefined,
  paused: false,
  otherBytes: 0,
});

/** Remembers which location was asked for what. */
function recorder(): Documents & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async read(location) {
      asked.push(`read ${placeText(location)}`);
      return snapshotOf(location);
    },
    async write({ location }) {
      asked.push(`write ${placeText(location)}`);
      return { status: 'written', version: undefined };
    },
  };
}

test('a location is told in a short text', () => {
  expect(placeText(file)).toBe('file:prometheus.yml');
  expect(placeText(configMap)).toBe('configmap/monitoring/prometheus-server:prometheus.yml');
  expect(placeText({ kind: 'secret', ...object })).toBe(
    'secret/monitoring/prometheus-server:prometheus.yml',
  );
  expect(objectText({ kind: 'secret', ...object })).toBe('secret/monitoring/prometheus-server');
});

test('files need no cluster; objects open one, once', async () => {
  const files = recorder();
  const objects = recorder();
  let opened = 0;
  const documents = documentsOf({
    files,
    objects: () => {
      opened += 1;
      return objects;
    },
  });
  await documents.write(await documents.read(file, { create: false }, run), 'new', [], run);
  expect(opened).toBe(0);
  await documents.write(await documents.read(configMap, { create: false }, run), 'new', [], run);
  expect(opened).toBe(1);
  expect(files.asked).toEqual(['read file:prometheus.yml', 'write file:prometheus.yml']);
  expect(objects.asked).toEqual([`read ${placeText(configMap)}`, `write ${placeText(configMap)}`]);
});

test('a dry run reads and does not write', async () => {
  const documents = recorder();
  const dry = dryRun(documents);
  const snapshot = await dry.read(configMap, { create: false }, run);
  expect(await dry.write(snapshot, 'new', [], run)).toMatchObject({ status: 'planned' });
  expect(documents.asked).toEqual([`read ${placeText(configMap)}`]);
});

test('a dry run refuses what would be too large, as the write would', async () => {
  const dry = dryRun(recorder());
  const write = (location: Location) =>
    dry.write({ ...snapshotOf(location), otherBytes: 1024 * 1024 }, 'x', [], run);
  await expect(write(configMap)).rejects.toMatchObject({ code: 'object-too-large' });
  expect(await write(file)).toMatchObject({ status: 'planned' });
});
