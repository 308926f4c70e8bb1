import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alarmTable, conditionTable } from './alarms.ts';
import { commandTable, exitCodeTable, flagTable } from './command-line.ts';
import { delayTable, overview } from './delay.ts';
import { faultTable } from './faults.ts';
import { house } from './house.ts';
import { iamExample, kubernetesExample, permissionTable } from './permissions.ts';
import { roomTable } from './rooms.ts';
import { type Sections, withSections } from './sections.ts';
import { settingsReference } from './settings.ts';

/*
 * node infra/docs/build.ts       writes the generated sections of the pages again; `npm run docs` runs it, and then the
 *                                test that writes the outputs of infra/reference/troubleshooting.md
 */

const root = join(import.meta.dirname, '../..');

export const SECTIONS: Sections = {
  settings: settingsReference,
  commands: commandTable,
  flags: flagTable,
  'exit codes': exitCodeTable,
  faults: faultTable,
  alarms: alarmTable,
  'alarm conditions': conditionTable,
  'permissions by setting': permissionTable,
  'iam policy': iamExample,
  'kubernetes role': kubernetesExample,
  delay: delayTable,
  overview,
  house,
  rooms: roomTable,
};

/** The pages that may have generated sections, by their path in the repository. */
function pagePaths(): string[] {
  const below = ['infra', '.github'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => `${folder}/${path}`),
  );
  return ['README.md', ...below];
}

/** Each page with its generated sections as they should be, by its path. */
export function pages(): Record<string, string> {
  return Object.fromEntries(
    pagePaths().map((path) => [
      path,
      withSections(readFileSync(join(root, path), 'utf8'), SECTIONS),
    ]),
  );
}

if (import.meta.main)
  for (const [path, text] of Object.entries(pages())) writeFileSync(join(root, path), text);
