import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import { connect } from '../../connect.ts';
import { Fault } from '../../fault.ts';
import type { From } from '../../job.ts';
import { locationText } from '../../location.ts';
import { type Outcome, toReport } from '../../report.ts';
import { parseSettings } from '../../settings/parse.ts';
import type { Target } from '../../target.ts';
import { INIT_FLAGS } from '../arguments.ts';
import { type Command, exitCodes, type Invocation } from '../command.ts';
import { asRun } from '../hints.ts';
import { outcomeLines, type Paint, painter, targetText, visible } from '../print.ts';
import { installedSchema, SCHEMA_FILE, writeSchema } from '../schema/schema-file.ts';
import { openSession, shownOn, unverifiedOn } from '../session.ts';
import { runSync } from '../sync.ts';
import { eksClusters } from './eks-clusters.ts';
import { proposeExpect } from './expect.ts';
import { type Draft, type DraftJob, settingsText } from './settings-text.ts';
import { suggest } from './suggest.ts';
import { type Survey, survey } from './survey.ts';
import { type Where, whereIs } from './where.ts';

/** Writes settings that match the live list, and checks that with their first plan. */
export const initCommand: Command = {
  summary:
    'write settings that match the live list and the zone, so that the first plan shows no changes',
  operand: '[FILE]',
  flags: [...INIT_FLAGS, 'force'],
  run: async (invocation) => {
    const { args, surroundings } = invocation;
    const { env, folder } = surroundings;
    const written =
      args.operands[0] ?? args.config ?? (env.FEDERATION_SYNC_CONFIG || 'federation-sync.yml');
    const where = whereIs(args, written, folder, env);
    if (where.file !== undefined && !args.force) refuseToOverwrite(where.file, written);
    const draft = draftOf(where, await look(invocation, where));
    const text = settingsText(draft);
    const outcomes = await firstPlan(invocation, where, text);
    const failed = outcomes.find(({ status }) => status === 'failed')?.fault;
    if (failed) throw failed;
    if (where.file !== undefined) {
      await writeFile(where.file, text, { flag: args.force ? 'w' : 'wx' }).catch((cause) => {
        throw new Fault('file-failed', `${written} cannot be written (${cause.code})`, { cause });
      });
      if (draft.schema === SCHEMA_FILE) await writeSchema(where.folder);
    }
    const empty = outcomes.every(({ status }) => status === 'unchanged' || status === 'paused');
    report(invocation, { where, written, draft, text, outcomes, empty });
    return empty ? exitCodes.done : exitCodes.differs;
  },
};

function refuseToOverwrite(file: string, written: string): void {
  if (!existsSync(file)) return;
  throw new Fault('usage', `${written} already exists`, {
    remedy: 'Overwrite it with --force, name another FILE, or print to standard output with -',
  });
}

interface Found extends Survey {
  readonly eks: Awaited<ReturnType<typeof eksClusters>>;
}

async function look(invocation: Invocation, where: Where): Promise<Found> {
  const { args, signal, surroundings } = invocation;
  const { env } = surroundings;
  const { cluster } = where;
  const options = { env, unverified: unverifiedOn(surroundings), ...shownOn(invocation) };
  const connection = connect({ cluster, jobs: [] }, options);
  const usual = env.PROMETHEUS_JOB_NAME || 'federate';
  const found = await survey(where, args.job, connection, usual, { signal });
  return { ...found, eks: await eksClusters(where, connection, { signal }) };
}

function draftOf(
  { cluster, folder }: Where,
  { location, sources, format, lists, eks }: Found,
): Draft {
  const inSettings = sources.map((one) => ({
    ...one,
    source:
      'records' in one.source ? { records: relative(folder, one.source.records) } : one.source,
  }));
  const nameOf = (source: object) =>
    inSettings.find((one) => one.source === source)?.zone || 'name unknown';
  const jobs = lists.map(({ job, targets }) => {
    const suggestion = suggest(targets, inSettings);
    return {
      name: job,
      format,
      location,
      suggestion,
      expect: eks && 'names' in eks ? proposeExpect(suggestion, inSettings, eks) : eks,
      sourceName: ({ source }: From) => nameOf(source),
    };
  });
  const whole = jobs.every(({ suggestion: { lost } }) => lost.length === 0);
  return {
    schema: installedSchema(folder) ?? SCHEMA_FILE,
    about: [
      `Settings for ${locationText(location)}, written by federation-sync init.`,
      whole
        ? 'The first plan shows no changes; review the lines marked below.'
        : 'The first plan shows changes: targets that settings cannot keep are marked below.',
    ],
    cluster,
    jobs,
  };
}

/** The plan with these settings, which are not on disk yet. */
async function firstPlan(invocation: Invocation, where: Where, text: string): Promise<Outcome[]> {
  const name = where.file === undefined ? 'the settings' : basename(where.file);
  const settings = parseSettings(text, name, where.folder);
  // --job named jobs of the document; the settings have all of them, and no others.
  const args = { ...invocation.args, job: undefined, force: false };
  return runSync(openSession({ ...invocation, args }, settings), { dry: true });
}

/** Targets that no record explains stay forever, unless a person removes them from the settings. */
function alsoLines(also: readonly Target[], paint: Paint): string[] {
  if (also.length === 0) return [];
  return [
    ...also.map((target) => paint('yellow', visible(`    also: ${targetText(target)}`))),
    '    also: no record of the zone explains these; a sync keeps them, and the guard does not count them',
  ];
}

function expectNotes(expect: DraftJob['expect']): string[] {
  if (expect === undefined) return [];
  if ('whyNot' in expect) return [`expect is not proposed: ${expect.whyNot}`];
  return expect.about.map((line) => `expect: ${line}`);
}

/** Where no package is installed, the schema that the first line names is a file next to the settings. */
function schemaLines({ file }: Where, { schema }: Draft): string[] {
  if (schema !== SCHEMA_FILE) return [];
  return file === undefined
    ? [`For completion in an editor: federation-sync schema > ${SCHEMA_FILE}`]
    : [`${SCHEMA_FILE}: for completion in an editor`];
}

function report(
  { args, surroundings }: Invocation,
  made: {
    readonly where: Where;
    readonly written: string;
    readonly draft: Draft;
    readonly text: string;
    readonly outcomes: readonly Outcome[];
    readonly empty: boolean;
  },
): void {
  const { stdout, stderr, env } = surroundings;
  const { where, written, draft, text, outcomes, empty } = made;
  if (args.json) {
    const notes = draft.jobs.flatMap(({ suggestion, expect }) => [
      ...suggestion.notes,
      ...expectNotes(expect),
    ]);
    const file = where.file === undefined ? undefined : written;
    const json = { file, empty, notes, settings: text, plan: toReport(outcomes) };
    stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    return;
  }
  if (where.file === undefined) stdout.write(text);
  const out = where.file === undefined ? stderr : stdout;
  const paint = painter(out, env);
  const lines = [
    `${where.file === undefined ? 'these settings:' : `${written}:`} the first plan shows ${empty ? 'no changes' : 'CHANGES'}`,
    ...draft.jobs.flatMap(({ name, expect, suggestion: { from, also, lost, notes } }) => {
      const excluded = from.reduce((sum, { select }) => sum + select.exclude.length, 0);
      return [
        visible(`  ${name}: names like ${from.map(({ select }) => select.name).join(' and ')}`),
        `    ${excluded} excluded, ${also.length} in also`,
        ...alsoLines(also, paint),
        ...expectNotes(expect).map((note) => visible(`    ${note}`)),
        ...notes.map((note) => paint('yellow', visible(`    ${note}`))),
        ...lost.map(({ target, why }) =>
          paint('yellow', visible(`    cannot keep ${JSON.stringify(target.address)}: ${why}`)),
        ),
      ];
    }),
    ...(empty ? [] : outcomes.flatMap((outcome) => outcomeLines(outcome, paint))),
    ...schemaLines(where, draft),
    asRun('Next: federation-sync doctor, then federation-sync plan', {
      args: { ...args, ...(where.file !== undefined && { config: written }) },
      surroundings,
    }),
  ];
  out.write(`${lines.join('\n')}\n`);
}
