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
  /** In src, where the file is imported by `import()`. */
  readonly entryPoint: string | undefined;
}

/** @returns the metafiles of index.mjs and of the other files */
export async function buildFunction(options: Options): Promise<readonly Metafile[]> {
  const parts = await split(options);
  const start = reachable(parts, ['index.mjs'], 'import-statement');
  const all = reachable(parts, ['index.mjs'], 'import-statement', 'dynamic-import');
  const later = [...all].filter((name) => isOwn(parts, name) && !start.has(name));
  const shared = sharedNames(parts, start, later);
  const index = await build({
    ...options,
    stdin: {
      contents: [
        "export { handler } from './index.mjs';",
        ...[...shared].map(([name, names]) => `export { ${exportsOf(names)} } from './${name}';`),
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
    plugins: [fromParts(parts, start, shared)],
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
    Object.entries(metafile.outputs).map(([path, { imports, entryPoint }]) => {
      const name = basename(path);
      return [name, { text: texts.get(name) ?? '', imports, entryPoint }];
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

/** By file of the start: the names that other files import from it, each with the name by which index.mjs exports it. */
type Shared = ReadonlyMap<string, ReadonlyMap<string, string>>;

function sharedNames(
  parts: ReadonlyMap<string, Part>,
  start: ReadonlySet<string>,
  later: readonly string[],
): Shared {
  const found = new Map<string, Map<string, string>>();
  let count = 0;
  for (const importer of reachable(parts, later, 'import-statement')) {
    if (start.has(importer)) continue;
    for (const [name, file] of importsIn(parts.get(importer)?.text ?? '')) {
      if (!start.has(file)) continue;
      const names = found.get(file) ?? new Map();
      found.set(file, names);
      if (!names.has(name)) names.set(name, `_${count++}`);
    }
  }
  return found;
}

/** The imported names and their files, in code that esbuild wrote; where one is missing, the build fails. */
function importsIn(text: string): [name: string, file: string][] {
  return [...text.matchAll(/^import \{([^}]*)\} from "\.\/(.*)";$/gm)].flatMap(
    ([, names = '', file = '']) =>
      names.split(',').map((name): [string, string] => [name.trim().replace(/ as .*/, ''), file]),
  );
}

const exportsOf = (names: ReadonlyMap<string, string>) =>
  [...names].map(([name, exported]) => `${name} as ${exported}`).join(', ');

/** An `import()` of src; those of packages load single built-in modules, which need no file. */
const isOwn = (parts: ReadonlyMap<string, Part>, name: string) =>
  parts.get(name)?.entryPoint?.startsWith('src/') ?? false;

const laterName = (name: string) => name.replace(/-[A-Z0-9]{8}\.mjs$/, '');

/** @param start where given, its files are taken from index.mjs instead of being bundled, by the names in `shared` */
function fromParts(
  parts: ReadonlyMap<string, Part>,
  start?: ReadonlySet<string>,
  shared?: Shared,
): Plugin {
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
        const names = [...(shared?.get(path) ?? [])].map(
          ([name, exported]) => `${exported} as ${name}`,
        );
        return { contents: `export { ${names.join(', ')} } from './index.mjs';` };
      });
    },
  };
}
