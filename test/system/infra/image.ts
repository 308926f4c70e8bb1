import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  globSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Copy, DockerfileParser, type From, type JSONInstruction } from 'dockerfile-ast';

// Its types describe an ES module's default export, which a CommonJS module does not have under Node.js.
const dockerignore: typeof import('@balena/dockerignore').default = createRequire(import.meta.url)(
  '@balena/dockerignore',
);
const root = join(import.meta.dirname, '../../..');

export interface Image {
  /** The root of its file system. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly user: string;
  /** The image of each FROM. */
  readonly bases: readonly string[];
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Replays infra/kubernetes/Dockerfile without a container engine: FROM is an empty folder, COPY copies what the
 * .dockerignore file leaves of the context, and the one RUN, `npm ci --omit=dev`, is a copy of the packages that it
 * would install (those that package-lock.json does not mark `dev`). An instruction that it does not know fails.
 *
 * @param context the folder that `docker build` is given
 * @param folder an empty folder for the stages' file systems
 */
function replay(context: string, folder: string): Image {
  const read = (name: string) => readFileSync(join(root, 'infra/kubernetes', name), 'utf8');
  const sent = join(folder, 'context');
  const ignored = dockerignore().add(read('Dockerfile.dockerignore').split('\n'));
  cpSync(context, sent, {
    recursive: true,
    // A pattern such as !dist/cli*.mjs needs its parent folder to be walked.
    filter: (path) => {
      const name = path.slice(context.length + 1);
      return name === '' || name === 'dist' || !ignored.ignores(name);
    },
  });

  const stages: { name: string; folder: string }[] = [];
  const bases: string[] = [];
  const image = { env: {}, workdir: '/', entrypoint: [], cmd: [], user: 'root' };
  let current = { ...image, folder: '' };
  for (const instruction of DockerfileParser.parse(read('Dockerfile')).getInstructions()) {
    const keyword = instruction.getKeyword();
    const args = instruction.getArguments().map((argument) => argument.getValue());
    const json = () =>
      (instruction as JSONInstruction).getJSONStrings().map((it) => it.getJSONValue());
    const inside = (path: string) =>
      path.startsWith('/')
        ? join(current.folder, path)
        : join(current.folder, current.workdir, path);
    switch (keyword) {
      case 'FROM': {
        const from = instruction as From;
        const name = from.getBuildStage() ?? 'final';
        current = { ...image, folder: join(folder, name) };
        mkdirSync(current.folder);
        stages.push({ name, folder: current.folder });
        bases.push(from.getImage() ?? '');
        break;
      }
      case 'WORKDIR':
        current.workdir = args[0]!;
        mkdirSync(inside('.'), { recursive: true });
        break;
      case 'ENV':
        current.env = {
          ...current.env,
          ...Object.fromEntries(args.map((pair) => pair.split('='))),
        };
        break;
      case 'COPY': {
        const from = (instruction as Copy).getFromFlag()?.getValue();
        const stage = stages.find(({ name }) => name === from);
        if (from && !stage) throw new Error(`COPY --from=${from}: unknown stage`);
        const sources = args.slice(0, -1);
        const target = inside(args.at(-1)!);
        for (const source of sources) {
          const found = globSync(source.replace(/^\//, ''), { cwd: stage?.folder ?? sent });
          // Docker fails too.
          if (found.length === 0) throw new Error(`COPY ${source}: no such file in the context`);
          for (const path of found) {
            // A folder's content is copied, not the folder.
            const to = args.at(-1)!.endsWith('/') ? join(target, basename(path)) : target;
            // Nothing else reads the stage, and thousands of files move faster than they copy.
            if (stage) renameSync(join(stage.folder, path), to);
            else cpSync(join(sent, path), to, { recursive: true });
          }
        }
        break;
      }
      case 'RUN':
        if (args.join(' ') !== 'npm ci --omit=dev --ignore-scripts')
          throw new Error(`RUN ${args.join(' ')}: the replay cannot run this`);
        installProduction(inside('.'));
        break;
      case 'USER':
        current.user = args[0]!;
        break;
      case 'ENTRYPOINT':
        current.entrypoint = json() as never[];
        break;
      case 'CMD':
        current.cmd = json() as never[];
        break;
      default:
        throw new Error(`${keyword}: the replay does not know this instruction`);
    }
  }
  return { ...current, bases };
}

/** The image of this checkout, and of what `npm run build` has put into that folder instead of dist. */
export function replayCheckout(built: string, folder: string): Image {
  const context = join(folder, 'checkout');
  mkdirSync(context);
  for (const name of ['package.json', 'package-lock.json', 'LICENSE', 'src'])
    cpSync(join(root, name), join(context, name), { recursive: true });
  cpSync(built, join(context, 'dist'), { recursive: true });
  writeFileSync(join(context, 'federation-sync.yml'), 'jobs: []\n');
  return replay(context, folder);
}

/**
 * Adds what the base image has and a container needs: this Node.js, at the same path, and its libraries. The image
 * can then run in a real container.
 */
export function addBase(image: Image): void {
  const copy = (from: string, to: string) => {
    mkdirSync(dirname(join(image.folder, to)), { recursive: true });
    copyFileSync(realpathSync(from), join(image.folder, to));
  };
  copy(process.execPath, '/usr/local/bin/node');
  // `NAME => PATH (ADDRESS)`, and the loader as `PATH (ADDRESS)`.
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  for (const [path] of libraries.matchAll(/\/\S+(?= \()/g)) copy(path, path);
  mkdirSync(join(image.folder, 'tmp'));
}

/** What `npm ci --omit=dev` installs, from the lockfile in that folder, out of this checkout's packages. */
function installProduction(folder: string): void {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  for (const [path, { dev }] of Object.entries(packages))
    if (path !== '' && !dev) link(join(root, path), join(folder, path));
}

/** A copy whose files are hard links where the file system allows it, since thousands of files are slow to copy. */
function link(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    // Nested packages have their own entry in the lockfile.
    if (entry.isDirectory() && entry.name !== 'node_modules') link(source, target);
    if (!entry.isFile()) continue;
    try {
      linkSync(source, target);
    } catch {
      copyFileSync(source, target);
    }
  }
}

/**
 * Runs the image's ENTRYPOINT as a container would, with its environment and working directory.
 *
 * @param args instead of CMD
 * @param env of the container, in addition to the image's
 */
export async function runImage(
  image: Image,
  args: readonly string[] = image.cmd,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  // Absolute paths of the image are below its folder here.
  const inside = (word: string) => (word.startsWith('/') ? join(image.folder, word) : word);
  const [program, ...words] = [...image.entrypoint, ...args].map(inside);
  if (program !== 'node') throw new Error(`the base image is not known to have ${program}`);
  const options = {
    cwd: inside(image.workdir),
    env: { HOME: '/nonexistent', ...image.env, ...env },
  };
  return promisify(execFile)(process.execPath, words, options).then(
    (ended) => ({ code: 0, ...ended }),
    (error) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
}

/** Every file in the image, for a comparison: its root is read-only in the CronJob. */
export const filesOf = (image: Image): string[] =>
  readdirSync(image.folder, { recursive: true, encoding: 'utf8' }).sort();
