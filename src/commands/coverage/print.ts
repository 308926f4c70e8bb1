import { totalsText } from '../../coverage/json.ts';
import type { CoveredCluster, JobCoverage, Orphan, Rung } from '../../coverage/rungs.ts';
import { type Paint, visible } from '../print.ts';

const COLOURS: Record<Rung | 'covered', Parameters<Paint>[0]> = {
  record: 'red',
  selected: 'red',
  list: 'yellow',
  loaded: 'yellow',
  scraped: 'red',
  covered: 'green',
};

const WIDTH = 80;
/** Of more clusters with the same reason and remedy, both are printed once. */
const MOST_ALONE = 3;
/** In place of the clusters in a reason and a remedy that many share. */
const ANY = 'CLUSTER';

/** The clusters that lack something (`all`: every cluster) as text, with reason and remedy; then the totals. */
export function coverageLines(
  coverage: readonly JobCoverage[],
  all: boolean,
  paint: Paint,
): string[] {
  const lines = coverage.flatMap(({ job, clusters, orphaned }) => {
    const rows = clusters.filter(({ lost }) => all || lost !== null);
    if (rows.length === 0 && orphaned.length === 0) return [];
    return [
      paint('bold', job.name),
      ...groupsOf(rows).flatMap((group) => groupLines(group, paint)),
      ...orphanLines(orphaned, paint),
    ];
  });
  return [...lines, totalsText(coverage)];
}

interface Group {
  readonly lost: Rung | null;
  readonly clusters: readonly string[];
  readonly reason: string | null;
  readonly remedy: string | null;
}

/** In the order of the rows; those that share reason and remedy apart from the id are one group, if they are many. */
function groupsOf(rows: readonly CoveredCluster[]): Group[] {
  const same = Map.groupBy(rows, (row) => {
    const { lost, reason, remedy } = withAny(row);
    return JSON.stringify([lost, reason, remedy]);
  });
  return [...same.values()].flatMap((group): Group[] => {
    const [first] = group;
    if (!first || group.length <= MOST_ALONE) {
      return group.map((row) => ({ ...row, clusters: [row.cluster] }));
    }
    return [{ ...withAny(first), clusters: group.map(({ cluster }) => cluster) }];
  });
}

function withAny({ cluster, lost, reason, remedy }: CoveredCluster) {
  const id = new RegExp(`(?<![\\w-])${RegExp.escape(cluster)}(?![\\w-])`, 'g');
  const any = (text: string | null) => (text === null ? null : text.replace(id, ANY));
  return { lost, reason: any(reason), remedy: any(remedy) };
}

/** `  record    eu-9` with reason and remedy below. */
function groupLines({ lost, clusters, reason, remedy }: Group, paint: Paint): string[] {
  const state = lost ?? 'covered';
  const [first = '', ...more] = wrapped(clusters.map(visible).join('  '), WIDTH - 12);
  const indent = ' '.repeat(12);
  return [
    `  ${paint(COLOURS[state], state.padEnd(8))}  ${first}`,
    ...more.map((line) => `${indent}${line}`),
    ...(reason ? wrapped(visible(reason), WIDTH - 12) : []).map(
      (line) => `${indent}${paint('dim', line)}`,
    ),
    // On one line, so that a command can be pasted.
    ...(remedy ? [`${indent}-> ${visible(remedy)}`] : []),
  ];
}

function orphanLines(orphaned: readonly Orphan[], paint: Paint): string[] {
  return orphaned.map(
    ({ target, cluster }) =>
      `  ${paint('yellow', 'orphaned')}  ${visible(`${target}: no cluster ${cluster} is expected; if it is gone, delete its record`)}`,
  );
}

/** Lines of at most `width`, broken at spaces. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line.trimEnd());
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line.trim() === '' ? lines : [...lines, line.trimEnd()];
}
