/** What an upgrade did to the lists of one way, and what the next sync did then. */
export interface Observation {
  /** The upgrade's values, in a word: for a cell in which they make a difference. */
  readonly values: string;
  /** What helm printed where it failed. */
  readonly error?: string;
  /** The names in each list right after the upgrade. */
  readonly lists: readonly (readonly string[])[];
  /** Of the next sync, for each list: its status, and how many targets it added. */
  readonly next: readonly { readonly status: string; readonly added: number }[];
}

/** The page's table: a row for each way to keep a list, a column for each kind of upgrade. */
export function tableOf(
  columns: readonly string[],
  rows: readonly { readonly title: string; readonly cells: readonly Observation[][] }[],
  names: readonly string[],
): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['the list is in', ...columns]),
    line(['---', ...columns.map(() => '---')]),
    ...rows.map(({ title, cells }) => line([title, ...cells.map((one) => cellOf(one, names))])),
  ];
}

function cellOf(observations: readonly Observation[], names: readonly string[]): string {
  const texts = observations.map((one) => ({ values: one.values, text: textOf(one, names) }));
  const [first] = texts;
  return first !== undefined && texts.every(({ text }) => text === first.text)
    ? first.text
    : texts.map(({ values, text }) => `${values}: ${text}`).join('; ');
}

const CONFLICT = 'conflict with "route53-federation-sync"';

function textOf({ error, lists, next }: Observation, names: readonly string[]): string {
  const all = (is: (list: readonly string[]) => boolean) => lists.every(is);
  const list = all((one) => one.join() === names.join())
    ? 'kept'
    : all((one) => one.length === 0)
      ? 'emptied'
      : JSON.stringify(lists);
  const sync = next.every(({ status, added }) => status === 'unchanged' && added === 0)
    ? 'nothing'
    : next.every(({ status, added }) => status === 'written' && added === names.length)
      ? 'repair'
      : JSON.stringify(next);
  if (list === 'kept' && sync === 'nothing') {
    if (error === undefined) return 'kept';
    if (error.includes(CONFLICT)) return 'kept: the upgrade fails with a conflict';
  }
  if (list === 'emptied' && sync === 'repair' && error === undefined) {
    return 'emptied; the next sync repairs it';
  }
  return `unexpected: ${list}, then ${sync}, ${error ?? 'no error'}`;
}
