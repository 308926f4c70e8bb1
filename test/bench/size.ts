import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { functionFiles } from '../../infra/aws/bundle.ts';
import { zip } from '../../infra/aws/zip.ts';
import { dist } from './bundles.ts';
import type { Section } from './figures.ts';
import limits from './limits.json' with { type: 'json' };

/** Credentials come from Lambda's environment, so nothing else that looks for them may be in the bundle. */
const unwanted =
  /node_modules\/(undici|@aws-sdk\/(credential-provider-(?!env\/)|nested-clients|token-providers)|@smithy\/credential-provider)/;

/** What is deployed, without the settings, by the packing code of the deployment itself. */
export function size(folder = dist): Section {
  const files = functionFiles(folder);
  const metafile: Metafile = JSON.parse(readFileSync(join(folder, 'index.meta.json'), 'utf8'));
  const [output] = Object.values(metafile.outputs);
  const inputs = output?.inputs ?? {};
  const external = (output?.imports ?? []).map(({ path }) => path);
  const found = [...Object.keys(inputs), ...external.map((path) => `node_modules/${path}`)].filter(
    (path) => unwanted.test(path),
  );
  const packages = Map.groupBy(Object.entries(inputs), ([path]) => packageOf(path));
  const weights = [...packages].map(
    ([name, files]) =>
      [name, files.reduce((sum, [, file]) => sum + file.bytesInOutput, 0)] as const,
  );
  const rows = weights.sort(([, a], [, b]) => b - a).slice(0, 12);
  const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  const start = files['index.mjs']?.length ?? 0;
  const zipped = zip(files).length;
  return {
    table: {
      title: 'Size: what the function in a single file is made of, in bytes (the twelve largest)',
      columns: ['', 'bytes'],
      rows: [
        ...rows,
        ['as it is packaged with its settings, minified', bytes],
        ['of that, what each start loads', start],
        ['zipped', zipped],
      ],
      notes: found.map((path) => `does not belong here: ${path}`),
    },
    figures: [
      {
        id: 'size.zip',
        what: 'Size: zip of what is deployed, without the settings',
        value: zipped / 1000,
        unit: 'kB',
        goal: limits['size.zip'],
        exact: true,
      },
      {
        id: 'size.unwanted',
        what: 'Files of undici, and of credential providers but the environment’s',
        value: found.length,
        unit: '',
        goal: 0,
        exact: true,
      },
    ],
  };
}

function packageOf(path: string): string {
  const inside = path.split('node_modules/').at(-1) ?? path;
  if (inside === path) return path.startsWith('src/') ? 'this repository' : 'stand-ins';
  return inside
    .split('/')
    .slice(0, inside.startsWith('@') ? 2 : 1)
    .join('/');
}
