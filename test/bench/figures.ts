/** One measured number, and what it ought to be. */
export interface Figure {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  /** As it is written behind the number: `x bare node`, `kB`. */
  readonly unit: string;
  /** The most that is allowed. */
  readonly goal?: number;
  /** The same on every machine, so that CI can hold it. */
  readonly exact?: true;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly notes?: readonly string[];
}

/** What a part of the bench answers. */
export interface Section {
  readonly table: Table;
  readonly figures: readonly Figure[];
  /** What the figures were computed from, in seconds, in the order of the rounds; for `--samples`. */
  readonly samples?: Readonly<Record<string, readonly number[]>>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/**
 * Runs A B A B …, so that whatever else the machine does meanwhile falls on all variants alike. The first round
 * warms the file cache up and does not count.
 */
export async function interleaved<K extends string, T = number>(
  runs: number,
  variants: Readonly<Record<K, () => T | Promise<T>>>,
): Promise<Record<K, T[]>> {
  const names = Object.keys(variants) as K[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, T[]>;
  for (let run = 0; run <= runs; run++) {
    for (const name of names) {
      const time = await variants[name]();
      if (run > 0) times[name].push(time);
    }
  }
  return times;
}

/** A number as people read it: three significant digits, thousands with a comma. */
export function shown(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100)
    return Math.round(value).toLocaleString('en-US');
  return value
    .toPrecision(value < 1 ? 2 : 3)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

const cell = (value: string | number) => (typeof value === 'number' ? shown(value) : value);

/** For a terminal: numbers to the right. */
export function asText({ title, columns, rows, notes = [] }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(cell))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const lines = cells.map((row, at) =>
    row
      .map((text, i) => {
        const number =
          typeof (rows[0]?.[i] ?? '') === 'number' ||
          (at > 0 && typeof rows[at - 1]?.[i] === 'number');
        return number ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
      })
      .join('  ')
      .trimEnd(),
  );
  return [title, ...lines.map((line) => `  ${line}`), ...notes.map((note) => `  ${note}`)].join(
    '\n',
  );
}

export function asMarkdown({ columns, rows, notes = [] }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [
    line(columns),
    line(columns.map((_, i) => (typeof rows[0]?.[i] === 'number' ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(cell))),
  ].join('\n');
  return [table, ...notes].join('\n\n');
}
