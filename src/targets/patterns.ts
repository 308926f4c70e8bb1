import { Script } from 'node:vm';
import { Fault } from '../fault.ts';
import type { Select } from '../job.ts';
import { count } from '../wording.ts';
import type { Values } from './template.ts';

/** The result of the patterns of a `select` for one record set. */
export interface Matched {
  /** The named groups if the name pattern matches; a group that did not take part is undefined. */
  readonly groups: Values | undefined;
  /** Index of the first exclude pattern that matches, or -1. */
  readonly excluded: number;
  /** Whether the set identifier passes; a record set without one counts as ''. */
  readonly identified: boolean;
}

/** A hundred times what sensible patterns need for 10,000 names; less than the Lambda reserves for its end. */
const BUDGET_MS = 1_000;

type Row = readonly [groups: Values | undefined, excluded: number, identified: boolean];

interface Rules {
  readonly nameRe: RegExp;
  readonly excludeRes: readonly RegExp[];
  readonly idRe: RegExp | undefined;
}

interface Input {
  readonly rules: Rules;
  readonly hosts: readonly string[];
  readonly identifiers: readonly string[];
}

/** How the script gets its input, in the one global object. */
const INPUT = Symbol.for('federation-sync/match');
const shared = globalThis as { [INPUT]?: Input };

/*
 * A user's pattern can backtrack indefinitely, and only the timeout of node:vm interrupts a regular expression.
 * One call matches all names, since each call costs part of a millisecond.
 */
const MATCH_ALL = new Script(`{
  const { rules, hosts, identifiers } = globalThis[Symbol.for('federation-sync/match')];
  const { nameRe, excludeRes, idRe } = rules;
  const either = (re, host) => re.exec(host) ?? re.exec(host + '.');
  const none = [undefined, -1, true];
  hosts.map((host, i) => {
    const match = either(nameRe, host);
    if (!match) return none;
    const excluded = excludeRes.findIndex((re) => either(re, host));
    return [match.groups ?? {}, excluded, !idRe || idRe.test(identifiers[i])];
  });
}`);

interface Name {
  readonly host: string;
  readonly setIdentifier: string | undefined;
}

/**
 * Matches every row against the patterns. A name is tried without its final dot first, then with it. Where a process
 * matches the same names again, as most runs do, the answers are those of before.
 *
 * @throws Fault `pattern-timeout`
 */
export function matchAll(
  select: Select,
  rows: readonly Name[],
  budgetMs: number = BUDGET_MS,
): readonly Matched[] {
  const last = LAST.get(select);
  if (last && isSame(last.rows, rows)) return last.answers;
  const answers = match(select, rows, budgetMs);
  if (rows.length <= MOST_KEPT) LAST.set(select, { rows, answers });
  else LAST.delete(select);
  return answers;
}

/** Of the last match, by the `select` of settings that stay the same in a process. */
const LAST = new WeakMap<Select, { readonly rows: readonly Name[]; readonly answers: Matched[] }>();
/** Beyond, memory matters more than a millisecond. */
const MOST_KEPT = 1_000;

function isSame(one: readonly Name[], other: readonly Name[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ host, setIdentifier }, i) => {
      const row = other[i] as Name;
      return host === row.host && setIdentifier === row.setIdentifier;
    })
  );
}

function match(select: Select, rows: readonly Name[], budgetMs: number): Matched[] {
  const { name, exclude, setIdentifier } = select;
  let answers: readonly Row[];
  try {
    shared[INPUT] = {
      rules: rulesOf(select),
      hosts: rows.map(({ host }) => host),
      identifiers: rows.map((row) => row.setIdentifier ?? ''),
    };
    // Not in a context of its own, which takes longer to create than most matches.
    answers = MATCH_ALL.runInThisContext(
      // A watching thread costs more than most matches.
      budgetMs === Number.POSITIVE_INFINITY ? {} : { timeout: budgetMs },
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    const patterns = [
      name,
      ...exclude,
      ...(setIdentifier === undefined ? [] : [setIdentifier]),
    ].join("', '");
    throw new Fault(
      'pattern-timeout',
      `matching ${count(rows.length, 'name')} took longer than ${budgetMs} ms with '${patterns}'`,
      { cause: error },
    );
  } finally {
    delete shared[INPUT];
  }
  return answers.map(([groups, excluded, identified]) => ({ groups, excluded, identified }));
}

/** Compiled once for all runs of a process. */
function rulesOf(select: Select): Rules {
  const known = COMPILED.get(select);
  if (known) return known;
  const { name, exclude, setIdentifier } = select;
  const rules = {
    nameRe: new RegExp(name),
    excludeRes: exclude.map((source) => new RegExp(source)),
    idRe: setIdentifier === undefined ? undefined : new RegExp(setIdentifier),
  };
  COMPILED.set(select, rules);
  return rules;
}

const COMPILED = new WeakMap<Select, Rules>();
