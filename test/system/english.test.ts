import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/**
 * Archaic or literally translated phrases: the pattern, what to write instead, and a sentence that has it.
 * A space in a pattern also matches a line break inside a comment. Each pattern must leave good English alone.
 */
const phrases: readonly (readonly [RegExp, string, string])[] = [
  [/\bstands? (?:t?here|twice)\b/i, 'is, appears; missing', 'Something else stands there.'],
  [/\bnothing stands\b(?! in the way)/i, 'missing', 'Nothing stands under jobs.'],
  [
    /\bstands? (?:on|under|behind|after|before|between|at|over|as|further|in(?! (?:for|the way)\b))\b/i,
    'is in, appears, follows',
    'The list stands in prometheus.yml.',
  ],
  [
    /(?<!\bthere (?:\w+ )?)\b(?:is|are|was|were|be) no (?:(?:such|plain|whole|usable|regular) )?(?:list|mapping|scalar|text|number|label|key|part|port|object|document|event|answer|address|command|kubeconfig|listing|export|file|host name|federation|space|SQS|YAML|JSON)s?\b/i,
    'must be a …, is not a …',
    'The value is no mapping.',
  ],
  [/\banew\b/i, 'again', 'The cluster was made anew.'],
  [/(?<!\bnot\b[^.;]*)\bbut for\b/i, 'except for, apart from', 'All keys but for one are kept.'],
  [/\bbesides\b/i, 'apart from, in addition to', 'Besides these, nothing changes.'],
  [/\bbeside\b/i, 'alongside, next to', 'It is mounted beside the other one.'],
  [/\blest\b/i, 'so that … not', 'Wait, lest it be lost.'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix', 'Mend the document.'],
  [/\bwholly\b/i, 'entirely', 'It replaces the default wholly.'],
  [/\bshall\b/i, 'must, will', 'It shall not break a line.'],
  [
    /\b(?:whence|thence|thereof|whereof|hitherto)\b/i,
    'plain words',
    'The zone and the names thereof.',
  ],
  [/\bfor ever\b/i, 'indefinitely', 'It can take for ever.'],
  [/\ball the time\b(?! series)/i, 'keeps …ing', 'It changes the object all the time.'],
  [
    /(?<!\b(?:is|are|were|be|look) )\ball the same(?=[.,;:])/i,
    'anyway, nevertheless',
    'The rest is checked all the same.',
  ],
  [/\band no more\b(?! than)/i, 'only, exactly', 'It prints what is needed, and no more.'],
  [/\bno such thing\b/i, 'does not exist', 'There is no such thing.'],
  [/\bcould not be had\b|\b(?:can|to) be had\b/i, 'available', 'The chart was not to be had.'],
  [/\bin whatever (?:order|style)\b/i, 'in any …', 'It is the same, in whatever order.'],
  [/\bwithout a (?:doubt|word)\b/i, 'certainly; silently', 'It passes over it without a word.'],
  [/(?<=[a-z] )meanwhile(?=[.:;'"`)])/, 'in the meantime', 'It has changed meanwhile.'],
  [/\ba (?:shard|level|server|cluster) more\b/i, 'another …', 'Add a level more.'],
  [/\b(?:whoever|anybody's|nobody's)\b/i, 'anyone who; name who it is', 'Whoever reads it pays.'],
  [
    /\bnobody (?:knows|foresaw|asks)\b/i,
    'it is unknown whether …; unexpected',
    'Nobody knows whether it could patch X.',
  ],
  [/\b(?:asks?|lets?) nobody\b/i, 'does not ask; does not allow', 'It lets nobody change it.'],
  [/\b(?:foresaw|foresee)\b/i, 'expect; unexpected', 'More than we foresee.'],
  [/\bask(?:s|ed|ing)? for\b/i, 'requests, requires, prompts for', 'What the settings ask for.'],
  [/\b(?:said|told) by\b/i, 'reported by, from', 'What is said by the server.'],
  [/\b(?:is|are|was|were) told\b(?! to\b)/i, 'is reported', 'It is told with its list.'],
  [
    /\btells? (?:who|how|what|if|whether|more|nothing)\b/i,
    'shows',
    'It tells whether it is there.',
  ],
  [/\btells \w+ apart\b|\btold apart\b/i, 'distinguishes, identifies', 'What tells objects apart.'],
  [
    /\b(?:it|that|which|check|list) says? (?:so|nothing)\b/i,
    'reports it; reports nothing',
    'It says so.',
  ],
  [/\bspeaks? (?:against|no|in)\b/i, 'forbids; does not support', 'If nothing speaks against it.'],
  [/\bhears? (?:of|nothing)\b/i, 'is notified; finds', 'The client hears nothing of it.'],
  [/\bknows no(?:thing)?\b/i, 'does not support, does not have', 'Version 1 knows no such flag.'],
  [
    /\btakes? (?:for(?! ever)|nothing|any (?:text|name|value)|no such|URLs|\$\{)|\btakes [\d.]+ [KMG]i?B\b|\btaken for\b/i,
    'accepts; interprets as',
    'Prometheus takes any text here.',
  ],
  [/\bgoes on\b|\bgo on (?:with|without|from|as)\b/i, 'continues', 'It goes on with the old one.'],
  [/\bmakes of\b|\bmade of it\b/i, 'derives from', 'What a rule makes of a name.'],
  [/\bbec(?:ame|omes) of\b/i, 'the result of', 'What became of the call.'],
  [/\bobeyed\b/i, 'applied, executed', 'The request may have been obeyed.'],
  [/\binto (?:our )?care\b|\bin care\b/i, 'adopted, managed', 'It is taken into our care.'],
  [
    /\b(?:is|are) meant(?= to (?:go|stay)\b|[.,:;])/i,
    'is intended, should be removed, should stay',
    'If these are meant to go, force it.',
  ],
  [/\blet\b[^.\n]*\bpast the guard\b/i, 'bypass the guard', 'Jobs that are let past the guard.'],
  [/\btime (?:was|is) over\b/i, 'timed out', "The run's time was over."],
  [/\b(?:is|are) well(?=[.,;:'"`)])/i, 'is healthy', 'Run again when the server is well.'],
  [/\bwhat there is\b/i, 'what exists, the live …', 'It suggests settings from what there is.'],
  [/\bequal to what\b[^.]*\bholds?\b/i, 'in sync with', 'It keeps X equal to what Y holds.'],
  [
    /\bwhat (?:(?:its|their|the|a|private) )*(?:zones?|Route 53(?: zones)?) holds?\b/i,
    'matches its zones',
    'It makes a list say what its zones hold.',
  ],
];

const goodEnglish = [
  'It understands all the time series, for all the timeouts.',
  'An alias stands for a node, and moto stands in for AWS.',
  'There is no list, there may be no answer, and there are no objects; it is no longer empty.',
  'Not for the ConfigMap but for the Secret.',
  'It takes a minute, takes precedence, takes no argument, and takes any number of names.',
  'Nothing stands in the way, even if the policy says so.',
  'They are all the same, and it is well-formed and well under the limit.',
  'Recommended: amend it. It is told to reload, and is made of labels. Meanwhile, it waits.',
];

interface Finding {
  readonly line: number;
  readonly phrase: string;
  readonly hint: string;
}

/** A line break, with the indentation and the comment marker that follow it. */
const lineBreak = /\s*\n\s*(?:\*|\/\/|#)?\s*/g;

/** The pattern with spaces that also match a line break. */
function acrossLines({ source, flags }: RegExp): RegExp {
  return new RegExp(source.replaceAll(' ', `(?: |${lineBreak.source})`), `g${flags}`);
}

const patterns = phrases.map(([pattern, hint]) => [acrossLines(pattern), hint] as const);

function findingsIn(text: string): Finding[] {
  return patterns
    .flatMap(([pattern, hint]) =>
      [...text.matchAll(pattern)].map((match) => ({
        line: text.slice(0, match.index).split('\n').length,
        phrase: match[0].replaceAll(lineBreak, ' '),
        hint,
      })),
    )
    .sort((one, other) => one.line - other.line);
}

/** Without the figures that `npm run bench` writes; their line breaks stay, for the line numbers. */
function read(path: string): string {
  return readFileSync(join(root, path), 'utf8').replace(
    /<!-- bench -->[\s\S]*<!-- \/bench -->/,
    (figures) => figures.replaceAll(/./g, ''),
  );
}

function filesOf(path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return (
    readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|js|md|sh|ya?ml|conf)$|Dockerfile$/.test(name))
      // This file has the phrases as examples.
      .filter((name) => !name.endsWith('english.test.ts'))
      .map((name) => `${path}/${name}`)
      .sort()
  );
}

test.each(['README.md', 'infra', 'serverless.yml', '.github', '.ci/run', 'src', 'test'])(
  '%s has none of the phrases',
  (path) => {
    const found = filesOf(path).flatMap((file) =>
      findingsIn(read(file)).map(
        ({ line, phrase, hint }) => `${file}:${line}: "${phrase}": write: ${hint}`,
      ),
    );
    expect(found).toEqual([]);
  },
);

describe('the list of phrases', () => {
  test.each(phrases)('finds %s', (_, hint, sentence) => {
    expect(findingsIn(sentence)).toContainEqual(expect.objectContaining({ line: 1, hint }));
  });

  test('finds a phrase across the lines of a comment', () => {
    expect(findingsIn('/**\n * All keys but\n * for one.\n */')).toMatchObject([{ line: 2 }]);
    expect(findingsIn('# It says\n# so.')).toMatchObject([{ line: 1 }]);
  });

  test.each(goodEnglish)('leaves alone: %s', (sentence) => {
    expect(findingsIn(sentence)).toEqual([]);
  });
});
