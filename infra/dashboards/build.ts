import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusters } from './clusters.ts';
import { federationSync } from './federation-sync.ts';

/** Every file that `node infra/dashboards/build.ts` writes, by name. */
export function files(): Record<string, string> {
  const dashboards = { clusters: clusters(), 'federation-sync': federationSync() };
  return Object.fromEntries(
    Object.entries(dashboards).map(([name, dashboard]) => [
      `${name}.json`,
      `${JSON.stringify(dashboard, null, 2)}\n`,
    ]),
  );
}

if (import.meta.main)
  for (const [name, text] of Object.entries(files()))
    writeFileSync(join(import.meta.dirname, name), text);
