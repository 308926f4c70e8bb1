import { expect } from 'vitest';
import { asFault } from '../../src/fault.ts';
import { type End, type Point, type RowName, rows } from './cells.ts';
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

/** The matrix as it came out: how many cells ended how, per point and per row. */
export class Tally {
  readonly #ends = new Map<string, number>();
  readonly #lines = new Map<string, string[]>();
  #cells = 0;
  #wrong = 0;

  add({ point, row, often }: Cell, ran: Ran | Error): void {
    this.#cells += 1;
    if (ran instanceof Error) this.#wrong += 1;
    const end = ran instanceof Error ? `WRONG ${ran.message.split('\n')[0]}` : endOf(ran);
    this.#ends.set(end, (this.#ends.get(end) ?? 0) + 1);
    const line = this.#lines.get(point.name) ?? [];
    line.push(`${row}${often === 'always' ? ', always' : ''}: ${end}`);
    this.#lines.set(point.name, line);
  }

  print(): void {
    for (const [name, ends] of this.#lines) console.log(`${name}\n    ${ends.join('\n    ')}`);
    const ends = [...this.#ends].sort(([, a], [, b]) => b - a);
    console.log(`${this.#cells} cells, ${this.#wrong} wrong`);
    console.log(ends.map(([end, count]) => `  ${String(count).padStart(4)}  ${end}`).join('\n'));
  }
}

export const asError = (error: unknown): Error => (error instanceof Error ? error : asFault(error));
