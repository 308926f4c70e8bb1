import { createContext, Script } from 'node:vm';
import { Fault } from '../fault.ts';
import type { Select } from '../settings/settings.ts';

/** What the patterns of a `select` say of one record set. */
export interface Matched {
  /** The named groups if the name pattern matches. */
  readonly groups: Readonly<Record<string, string>> | undefined;
  /** Index of the first exclude pattern that matches, or -1. */
  readonly excluded: number;
  /** Whether the set identifier passes; a record set without one counts as ''. */
  readonly identified: boolean;
}

/** More than any sensible set of patterns needs for 10,000 names, and less than a run has. */
const BUDGET_MS = 2_000;

/*
 * A user's pattern can backtrack for ever, and nothing in JavaScript interrupts a regular expression but the
 * timeout of node:vm. One call does all names, since each call costs a millisecond. Values cross as JSON.
 */
const MATCH_ALL = new Script(`
  const { name, exclude, setIdentifier, rows } = JSON.parse(input);
  const nameRe = new RegExp(name);
  const excludeRes = exclude.map((source) => new RegExp(source));
  const idRe = setIdentifier === undefined ? undefined : new RegExp(setIdentifier);
  const either = (re, host) => re.exec(host) ?? re.exec(host + '.');
  JSON.stringify(rows.map(([host, id]) => {
    const match = either(nameRe, host);
    if (!match) return null;
    return [{ ...match.groups }, excludeRes.findIndex((re) => either(re, host)), !idRe || idRe.test(id)];
  }));
`);

/**
 * Matches every row against the patterns. A name is tried without its final dot first, then with it.
 *
 * @throws Fault `pattern-timeout`
 */
export function matchAll(
  select: Select,
  rows: readonly { readonly host: string; readonly setIdentifier: string | undefined }[],
  budgetMs: number = BUDGET_MS,
): Matched[] {
  const { name, exclude, setIdentifier } = select;
  const input = JSON.stringify({
    name,
    exclude,
    setIdentifier,
    rows: rows.map((row) => [row.host, row.setIdentifier ?? '']),
  });
  type Row = [Record<string, string>, number, boolean] | null;
  let answers: Row[];
  try {
    // A context of its own: a pattern cannot reach anything anyway, and no flag of ours leaks into it.
    answers = JSON.parse(MATCH_ALL.runInContext(createContext({ input }), { timeout: budgetMs }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    const patterns = [
      name,
      ...exclude,
      ...(setIdentifier === undefined ? [] : [setIdentifier]),
    ].join("', '");
    throw new Fault(
      'pattern-timeout',
      `matching ${rows.length} names took longer than ${budgetMs} ms with '${patterns}'`,
      { cause: error },
    );
  }
  return answers.map((row) =>
    row
      ? { groups: row[0], excluded: row[1], identified: row[2] }
      : { groups: undefined, excluded: -1, identified: true },
  );
}
