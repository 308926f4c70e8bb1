import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { type Built, build, root } from './build.ts';

let built: Built;
let files: string[];
beforeAll(async () => {
  built = await build();
  files = readdirSync(built.folder).filter((name) => /^cli.*\.mjs$/.test(name));
}, 60_000);
afterAll(() => built?.remove());

describe('the CLI’s bundle', () => {
  test('runs as npm installs it', async () => {
    const app = join(built.folder, 'app/node_modules');
    const own = join(app, manifest.name);
    mkdirSync(join(own, 'dist'), { recursive: true });
    mkdirSync(join(app, '.bin'));
    copyFileSync(join(root, 'package.json'), join(own, 'package.json'));
    for (const name of files) copyFileSync(join(built.folder, name), join(own, 'dist', name));
    symlinkSync(join(root, 'node_modules'), join(own, 'node_modules'));
    const bin = join(app, '.bin/federation-sync');
    symlinkSync(join('..', manifest.name, manifest.bin['federation-sync']), bin);
    const { stdout } = await promisify(execFile)(bin, ['--version'], {
      cwd: app,
      env: { PATH: dirname(process.execPath) },
    });
    expect(stdout.trim()).toBe(manifest.version);
  });

  test('imports only packages that are installed with it', () => {
    const texts = files.map((name) => readFileSync(join(built.folder, name), 'utf8')).join('\n');
    const imported = [...texts.matchAll(/^(?:import|\} from|export .* from).*"([^".][^"]*)";$/gm)]
      .map(([, path]) => path as string)
      .filter((path) => !isBuiltin(path))
      .map((path) =>
        path
          .split('/')
          .slice(0, path.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    expect(imported).toContain('zod');
    expect(Object.keys(manifest.dependencies)).toEqual(expect.arrayContaining(imported));
  });

  test('loads what only doctor needs when doctor runs', () => {
    const texts = files.map((name) => readFileSync(join(built.folder, name), 'utf8')).join('\n');
    for (const client of ['cloudtrail', 'cloudwatch', 'eventbridge', 'sqs']) {
      expect(texts).toContain(`import("@aws-sdk/client-${client}")`);
      expect(texts).not.toContain(`from "@aws-sdk/client-${client}"`);
      expect(manifest.dependencies).toHaveProperty(`@aws-sdk/client-${client}`);
    }
  });

  test('is in the package, with every file that it loads', () => {
    const packed = (name: string) =>
      manifest.files.some((pattern) =>
        new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(`dist/${name}`),
      );
    expect(files.filter((name) => !packed(name))).toEqual([]);
  });
});
