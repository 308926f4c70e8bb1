import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };

test('npm run sbom names what is shipped, with versions and licences', async () => {
  const cwd = join(import.meta.dirname, '../../..');
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], {
    cwd,
    maxBuffer: 64 << 20,
  });
  interface Component {
    readonly name: string;
    readonly purl: string;
    readonly licenses?: readonly unknown[];
    readonly properties: readonly { readonly name: string; readonly value: string }[];
  }
  const bom = JSON.parse(stdout) as { bomFormat: string; components: Component[] };
  expect(bom.bomFormat).toBe('CycloneDX');
  // `--omit dev` would leave out what a tool of ours needs as well (npm 11): zod, js-yaml, client-sts.
  const tools = bom.components.filter(({ properties }) =>
    properties.some(({ name, value }) => name.endsWith(':development') && value === 'true'),
  );
  const ships = bom.components.filter((component) => !tools.includes(component));
  const names = (components: Component[]) => components.map(({ name }) => name);
  expect(names(ships)).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
  expect(names(tools)).toEqual(expect.arrayContaining(['vitest', 'esbuild', 'osls']));
  expect(names(ships)).not.toContain('vitest');
  const unlicensed = bom.components.filter(({ licenses }) => !licenses?.length);
  expect(unlicensed.map(({ purl }) => purl)).toEqual([]);
});
