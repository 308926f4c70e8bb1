import { basename, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/*
 * The function in several files: index.mjs with all that each run needs, and a file for each `import()` in src, with
 * what only it needs. esbuild's own splitting puts each combination of users into a file of its own: 26 files that
 * each start would read. So its result is bundled once more: the files of the start into index.mjs, which exports to
 * the others what they share with it.
 */

type Options = BuildOptions & { readonly outdir: string };
/** A file of the first result. */
interface Part {
  readonly text: string;
  readonly imports: Metafile['outputs'][string]['imports'];
  readonly exports: readonly string[];
  /** In src, where the file is imported by `import()`. */
  readonly entryPoint: string | undefined;
}

/** @returns the metafiles of index.mjs and of the other files */
export async function buildFunction(options: Options): Promise<readonly Metafile[]> {
  const parts = await split(options);
  const start = reachable(parts, ['index.mjs'], 'import-statement');
  const all = reachable(parts, ['index.mjs'], 'import-statement', 'dynamic-import');
  const later = [...all].filter((name) => isOwn(parts, name) && !start.has(name));
  const shared = new Set(
    [...reachable(parts, later, 'import-statement')].filter((name) => start.has(name)),
  );
  const index = await build({
    ...options,
    stdin: {
      contents: [
        "export { handler } from './index.mjs';",
        ...[...shared].map((name) => `export * as ${partName(name)} from './${name}';`),
      ].join('\n'),
      resolveDir: '/',
    },
    entryPoints: undefined,
    outdir: undefined,
    outfile: join(options.outdir, 'index.mjs'),
    plugins: [fromParts(parts)],
  });
  const rest = await build({
    ...options,
    entryPoints: Object.fromEntries(later.map((name) => [laterName(name), `./${name}`])),
    splitting: true,
    chunkNames: '[name]-[hash]',
    plugins: [fromParts(parts, start)],
  });
  return [index.metafile as Metafile, rest.metafile as Metafile];
}

/** Not minified, so that the second time sees the same code. */
async function split(options: Options): Promise<Map<string, Part>> {
  const { metafile, outputFiles } = await build({
    ...options,
    banner: {},
    minify: false,
    splitting: true,
    metafile: true,
    write: false,
    chunkNames: '[name]-[hash]',
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  return new Map(
    Object.entries(metafile.outputs).map(([path, { imports, exports, entryPoint }]) => {
      const name = basename(path);
      return [name, { text: texts.get(name) ?? '', imports, exports, entryPoint }];
    }),
  );
}

function reachable(
  parts: ReadonlyMap<string, Part>,
  from: readonly string[],
  ...kinds: readonly string[]
): Set<string> {
  const found = new Set(from);
  for (const name of found) {
    for (const { path, kind, external } of parts.get(name)?.imports ?? []) {
      if (!external && kinds.includes(kind)) found.add(basename(path));
    }
  }
  return found;
}

/** An `import()` of src; those of packages load single built-in modules, which need no file. */
const isOwn = (parts: ReadonlyMap<string, Part>, name: string) =>
  parts.get(name)?.entryPoint?.startsWith('src/') ?? false;

const partName = (name: string) => name.replace(/\W/g, '_');
const laterName = (name: string) => name.replace(/-[A-Z0-9]{8}\.mjs$/, '');

/** @param start where given, its files are taken from index.mjs instead of being bundled */
function fromParts(parts: ReadonlyMap<string, Part>, start?: ReadonlySet<string>): Plugin {
  return {
    name: 'parts',
    setup(build) {
      build.onResolve({ filter: /^\.\// }, ({ path, kind, importer }) => {
        const name = basename(path);
        if (path === './index.mjs' && start) return { path, external: true };
        if (!parts.has(name)) return undefined;
        if (kind === 'dynamic-import' && isOwn(parts, name)) {
          return { path: `./${laterName(name)}.mjs`, external: true };
        }
        if (!start?.has(name)) return { path: name, namespace: 'part' };
        // One for each importer: a common one would become a file of its own.
        return { path: name, namespace: 'start', suffix: `?${importer}` };
      });
      build.onLoad({ filter: /./, namespace: 'part' }, ({ path }) => ({
        contents: parts.get(path)?.text ?? '',
      }));
      build.onLoad({ filter: /./, namespace: 'start' }, ({ path }) => {
        const exported = parts.get(path)?.exports ?? [];
        const lines = exported.map(
          (name) => `export const ${name} = /* @__PURE__ */ get('${name}');`,
        );
        const from = `import { ${partName(path)} as part } from './index.mjs';`;
        return { contents: [from, 'const get = (name) => part[name];', ...lines].join('\n') };
      });
    },
  };
}
