import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusters } from './clusters.ts';
import { federationSync } from './federation-sync.ts';
import { picture } from './picture.ts';

/** All that `node infra/dashboards/build.ts` writes, by file name. */
export function files(): Record<string, string> {
  const dashboards = { clusters: clusters(), 'federation-sync': federationSync() };
  return Object.fromEntries(
    Object.entries(dashboards).flatMap(([name, dashboard]) => [
      [`${name}.json`, `${JSON.stringify(dashboard, null, 2)}\n`],
      [`${name}.svg`, picture(dashboard)],
    ]),
  );
}

if (import.meta.main)
  for (const [name, text] of Object.entries(files()))
    writeFileSync(join(import.meta.dirname, name), text);
