import { readFileSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { table } from './sections.ts';

/*
 * What each room of src may import: the rules of biome.json, which the linter applies to every file.
 */

interface Override {
  readonly includes: readonly string[];
  readonly linter: {
    readonly rules: {
      readonly style?: {
        readonly noRestrictedImports?: {
          readonly options: { readonly patterns: readonly { readonly group: readonly string[] }[] };
        };
      };
    };
  };
}

/** Each room, by the glob of its rule; what it is for. */
const ROOMS: Readonly<Record<string, string>> = {
  'src/aws/**': 'clients of AWS, and its errors as ours',
  'src/records/**': 'record sets of zones: all pages or nothing',
  'src/targets/**': 'from record sets to targets; the guard and its memory',
  'src/document/*.ts': 'the list inside the text of each format',
  'src/document/yaml/**': 'a private reader of YAML: where each value is in the text',
  'src/settings/**': 'settings from a file or variables, validated',
  'src/objects/*.ts': 'an object: read with its version, written on that condition',
  'src/objects/*/**':
    'each kind of object: files; ConfigMaps, Secrets and ScrapeConfigs; the sign-in to a cluster',
  'src/objects/cluster/kubeconfig.ts': 'the only user of @kubernetes/client-node',
  'src/servers/**': 'Prometheus and Thanos Query: what they have loaded',
  'src/verify/**': 'the list compared with the server',
  'src/coverage/**': 'the clusters that exist compared with the list',
  'src/commands/**': 'the command line, a file or folder for each command',
};

/** Those at the top of src, whose globs have the names of their files: by one of these. */
const AT_THE_TOP: readonly (readonly [file: string, about: string])[] = [
  ['src/fault.ts', 'the ground floor: nouns that all rooms share, errors, time limits'],
  ['src/sync.ts', 'the sentence: list, select, render, patch; what is reported'],
];

interface Room {
  readonly glob: string;
  readonly patterns: readonly (readonly string[])[];
}

/** The rooms and their rules, as biome.json has them. */
function rooms(): Room[] {
  const biome = readFileSync(new URL('../../biome.json', import.meta.url), 'utf8');
  const { overrides } = JSON.parse(biome) as { overrides: readonly Override[] };
  return overrides.flatMap(({ includes, linter }) => {
    const rule = linter.rules.style?.noRestrictedImports;
    if (rule === undefined) return [];
    const patterns = rule.options.patterns.map(({ group }) => group);
    return includes.filter((glob) => !glob.startsWith('!')).map((glob) => ({ glob, patterns }));
  });
}

/** Whether a file at the top of src is in the room of another. */
export function areTogether(path: string, other: string): boolean {
  return rooms().some(({ glob }) => matchesGlob(path, glob) && matchesGlob(other, glob));
}

export function roomTable(): string {
  const rows = rooms().map(({ glob, patterns }) => {
    const [, top] = AT_THE_TOP.find(([file]) => matchesGlob(file, glob)) ?? [];
    const about = ROOMS[glob] ?? top;
    if (about === undefined) throw new Error(`infra/docs/rooms.ts has no description of ${glob}`);
    return [filesOf(glob.replace('src/', '')), about, importsOf(patterns)];
  });
  return table(['room', 'has', 'may import from other rooms'], rows);
}

/** `{a,b}.ts` as `a.ts`, `b.ts`: a line can be broken between them. */
function filesOf(glob: string): string {
  const [, before = '', names = glob, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(glob) ?? [];
  return names
    .split(',')
    .map((name) => `\`${before}${name}${after}\``)
    .join(', ');
}

const GROUND_FLOOR = /^!(?:\.\.?\/)+\{backoff,/;

function importsOf(patterns: readonly (readonly string[])[]): string {
  const denied = patterns.flat().filter((one) => !one.startsWith('!'));
  const except = patterns.flat().filter((one) => one.startsWith('!'));
  const rooms = except
    .filter((one) => !one.includes('node:'))
    .map((one) =>
      GROUND_FLOOR.test(one) ? 'ground floor' : filesOf(one.replace(/^!(?:\.\.?\/)+/, '')),
    );
  const closed = denied.some((one) => /^(?:\.\.?\/)+\*\*$/.test(one));
  const refused = denied
    .filter((one) => /^(?:\.\.?\/|\*\*\/)/.test(one) && !/^(?:\.\.?\/)+\*\*$/.test(one))
    .map((one) => filesOf(one.replace(/^(?:\.\.?\/|\*\*\/)+/, '')));
  const notes = [
    closed ? (rooms.length > 0 ? rooms.join(', ') : 'nothing') : `all but ${refused.join(', ')}`,
    ...(denied.some((one) => one.startsWith('node:')) ? ['pure: no I/O, no clock'] : []),
    ...(denied.some((one) => one.startsWith('@aws-sdk')) ? [] : ['may use an AWS SDK']),
  ];
  return notes.join('; ');
}
