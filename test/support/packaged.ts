import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { artifactFiles } from '../../infra/aws/artifact-files.ts';

const root = join(import.meta.dirname, '../..');

/** Puts into `folder` what a function with these settings is deployed as, as Lambda unpacks it. Needs a build. */
export function unpackFunction(folder: string, settings: string, service = root): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'federation-sync.yml');
  writeFileSync(file, settings);
  for (const [name, content] of Object.entries(artifactFiles(service, file))) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
