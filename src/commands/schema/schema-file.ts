import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Fault } from '../../fault.ts';
import { SCHEMA_ID, schemaText } from './json-schema.ts';

/** The schema's name in the package (infra/build.ts), in the release, and next to the settings. */
export const SCHEMA_FILE = 'federation-sync.schema.json';

/** In a project that installs the package, and in a checkout. */
const INSTALLED = [
  `node_modules/route53-federation-sync/dist/${SCHEMA_FILE}`,
  `dist/${SCHEMA_FILE}`,
];

/**
 * The schema of an installed package, relative to a folder with settings: found as Node.js finds packages, so that the
 * path is the same for everybody who has the project. undefined: there is none, as with a global install.
 *
 *     deploy/federation-sync.yml     ../node_modules/route53-federation-sync/dist/federation-sync.schema.json
 */
export function installedSchema(folder: string): string | undefined {
  for (let above = folder; ; above = dirname(above)) {
    const found = INSTALLED.map((path) => join(above, path)).find((path) => existsSync(path));
    if (found) return relative(folder, found).replaceAll('\\', '/');
    if (above === dirname(above)) return undefined;
  }
}

/**
 * Writes the schema next to the settings. A file of that name that is not ours is left alone.
 *
 * @throws Fault `file-failed`
 */
export async function writeSchema(folder: string): Promise<void> {
  const path = join(folder, SCHEMA_FILE);
  try {
    if (existsSync(path) && !(await readFile(path, 'utf8')).includes(SCHEMA_ID)) return;
    await writeFile(path, schemaText());
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Fault('file-failed', `${SCHEMA_FILE} cannot be written (${code})`, { cause });
  }
}
