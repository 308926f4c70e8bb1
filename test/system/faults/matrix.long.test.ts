import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { points, type RowName, rows } from './cells.ts';
import { asError, checkCell, Tally } from './matrix.ts';
import { World } from './world.ts';

let world: World;
const tally = new Tally();

beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  console.log(tally.lines().join('\n'));
  await world?.close();
});

const names = Object.keys(rows) as RowName[];

describe.each(points.map((point) => [point.name, point] as const))('%s', (_, point) => {
  for (const row of names) {
    // What a POST answered is kept by nobody.
    if (row === 'stale' && point.name.startsWith('AssumeRole')) continue;
    test.each(['once', 'always'] as const)(`${row}, %s`, async (often) => {
      const cell = { point, row, often };
      try {
        tally.add(cell, await checkCell(world, cell));
      } catch (error) {
        tally.add(cell, asError(error));
        throw error;
      }
    });
  }
});

test('every point was met by a fault', () => expect(points).toHaveLength(10));
