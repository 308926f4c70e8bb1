import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { areTogether } from './rooms.ts';

/*
 * The diagram of the rooms of src, from the imports of its files.
 */

const src = join(import.meta.dirname, '../../src');

const ENTRY = 'cli.ts, lambda.ts';

/** The room of a file of src: its folder, or what it is in the ground floor, the sentence and at the top. */
function roomOf(path: string): string | undefined {
  // package.json
  if (path.startsWith('..')) return undefined;
  if (path.includes('/')) return path.split('/')[0];
  if (areTogether(`src/${path}`, 'src/fault.ts')) return undefined;
  if (areTogether(`src/${path}`, 'src/sync.ts')) return 'sync.ts and its steps';
  return path === 'connect.ts' ? path : ENTRY;
}

/** Which room imports which, without the ground floor, which all import. */
function imports(): Map<string, Set<string>> {
  const rooms = new Map<string, Set<string>>();
  for (const path of readdirSync(src, { recursive: true, encoding: 'utf8' }).sort()) {
    const room = path.endsWith('.ts') ? roomOf(path) : undefined;
    if (room === undefined) continue;
    const imported = rooms.get(room) ?? new Set();
    rooms.set(room, imported);
    const text = readFileSync(join(src, path), 'utf8');
    for (const [, from = ''] of text.matchAll(/(?:from|import\() ?'(\.{1,2}\/[^']+)'/g)) {
      const other = roomOf(normalize(join(dirname(path), from)));
      if (other !== undefined && other !== room) imported.add(other);
    }
  }
  return rooms;
}

/** Mermaid's flowchart, with only the arrows that do not follow from others: `a --> b --> c` implies `a --> c`. */
export function house(): string {
  const rooms = imports();
  const reaches = (from: string, to: string): boolean =>
    [...(rooms.get(from) ?? [])].some((next) => next === to || reaches(next, to));
  const names = [...rooms.keys()];
  const id = (name: string) => name.replaceAll(/\W+/g, '_');
  const nodes = names.map((name) => `  ${id(name)}["${name}"]`);
  const arrows = names.flatMap((from) => {
    const all = [...(rooms.get(from) ?? [])];
    return all
      .filter((to) => !all.some((other) => other !== to && reaches(other, to)))
      .map((to) => `  ${id(from)} --> ${id(to)}`);
  });
  return ['```mermaid', 'flowchart TD', ...nodes, ...arrows, '```'].join('\n');
}
