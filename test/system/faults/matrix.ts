import { expect } from 'vitest';
import { asFault } from '../../../src/fault.ts';
import { type End, type Point, points, type RowName, rows } from './cells.ts';
import { DEADLINE_MS, type Ran, type World } from './world.ts';

export interface Cell {
  readonly point: Point;
  readonly row: RowName;
  readonly often: 'once' | 'always';
}

/**
 * One cell: the zone and the object's other key change, a run meets the fault, and then
 *
 * - the document is the old or the new one, and the new one if and only if the run says so;
 * - it ended as the table says, within its deadline, without a secret in anything it said;
 * - nobody else's change is lost; and the next run, which nothing disturbs, repairs, over the same connections.
 */
export async function checkCell(world: World, cell: Cell): Promise<Ran> {
  const { point, row, often } = cell;
  const { kind } = point;
  await world.reset(kind);
  world.change(kind);
  const connection = world.connect(kind);
  let met = 0;
  world.emulators.faults.decide = (call) => {
    if (!point.matches(call)) return undefined;
    met += 1;
    return often === 'always' || met === 1 ? rows[row].fault(call) : undefined;
  };
  const ran = await world.run(kind, connection);
  expect(met, 'requests that met the fault').toBeGreaterThan(0);
  expect(ran.milliseconds).toBeLessThan(DEADLINE_MS);
  expect(world.secrets.in(ran.said)).toEqual([]);
  const text = world.text(kind);
  expect([world.old, world.new]).toContain(text);
  checkHonesty(ran, text === world.new);
  expect(endOf(ran)).toBe(expectedEnd(cell));
  expect(world.text(kind, 'alerts.yml')).toContain('alerts: new');

  await world.clean(kind, world.new, connection);
  expect(world.text(kind, 'alerts.yml')).toContain('alerts: new');
  return ran;
}

function checkHonesty({ outcome: { status, fault } }: Ran, isNew: boolean): void {
  if (status === 'written') expect(isNew).toBe(true);
  else if (fault?.code !== 'write-unknown') expect(isNew).toBe(false);
}

function endOf({ outcome: { status, fault } }: Ran): string {
  if (status === 'written') return 'new';
  if (status === 'unchanged') return 'old';
  return fault?.code ?? status;
}

function expectedEnd({ point, row, often }: Cell): string {
  const ends: readonly End[] = rows[row][point.column];
  const end = ends[often === 'once' ? 0 : 1] as End;
  if (row === 'stale' && point.name.endsWith('page 2')) return 'old';
  return end === 'forbidden' ? (point.forbidden ?? end) : end;
}

/**
 * The matrix as it came out, a letter a cell:
 *
 *     fault               once        always
 *     throttling          nnnnnnnnnn  aabbaaaabb
 *     ...
 *     column 1            AssumeRole, the cluster's
 *     ...
 *     n  174  new
 *     a   12  aws-throttled
 */
export class Tally {
  readonly #ends = new Map<string, number>();
  readonly #cells = new Map<string, string>();

  add(cell: Cell, ran: Ran | Error): void {
    const end = ran instanceof Error ? 'WRONG' : endOf(ran);
    this.#ends.set(end, (this.#ends.get(end) ?? 0) + 1);
    this.#cells.set(keyOf(cell), end);
  }

  lines(): string[] {
    const ends = [...this.#ends].sort(([, a], [, b]) => b - a);
    const letters = new Map(ends.map(([end], i) => [end, letterOf(end, i)]));
    const ended = (cell: Cell) => letters.get(this.#cells.get(keyOf(cell)) ?? '') ?? '.';
    const row = (name: RowName) =>
      (['once', 'always'] as const)
        .map((often) => points.map((point) => ended({ point, row: name, often })).join(''))
        .join('  ');
    const names = Object.keys(rows) as RowName[];
    return [
      `${'fault'.padEnd(24)}${'once'.padEnd(points.length)}  always`,
      ...names.map((name) => `${name.padEnd(24)}${row(name)}`),
      ...points.map(({ name }, i) => `column ${String(i + 1).padEnd(17)}${name}`),
      ...ends.map(([end, count]) => `${letters.get(end)}  ${String(count).padStart(4)}  ${end}`),
      `${this.#cells.size} cells, ${this.#ends.get('WRONG') ?? 0} wrong`,
    ];
  }
}

const keyOf = ({ point, row, often }: Cell) => `${point.name} ${row} ${often}`;

function letterOf(end: string, i: number): string {
  if (end === 'WRONG') return '!';
  if (end === 'new' || end === 'old') return end.charAt(0);
  return 'abcdefghijklmpqrstuvwxyz'.charAt(i);
}

export const asError = (error: unknown): Error => (error instanceof Error ? error : asFault(error));
