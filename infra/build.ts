import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/*
 * node infra/build.ts [FOLDER]       FOLDER is dist where none is named
 *
 *     index.mjs          the Lambda: all it needs in one file, so that it runs from an empty folder
 *     index.meta.json    esbuild's account of what is in it, for `npm run bench`
 *     cli.mjs, cli-*     the command line, whose packages stay in node_modules
 *
 * A Lambda's cold start is billed and waited for, and most of it is reading code: of what the packages bring
 * along, the Lambda's file holds only what it can use. The source knows nothing of that; all of it stands here.
 *
 *     what it would add, minified, to the 430 kB that stay
 *     1080 kB  models, API classes      KubeConfig.makeApiClient, and with it undici
 *      730 kB  undici                   KubeConfig's way for fetch; we use its way for node:https
 *      140 kB  SOCKS, OIDC, gcp, azure  ways into a cluster that a function has no use for
 *      100 kB  credentials              Lambda has them in its environment; the SDK would look in seven more places
 *      100 kB  schemas                  of 200 operations of Route 53, EKS and STS that are never called
 *       20 kB  event streams            of operations that stream; zlib comes with them
 */

const folder = process.argv[2] ?? 'dist';

/**
 * `import` of a built-in module evaluates all its names to export them: `node:http` loads Node's own undici for
 * WebSocket (20 ms), `node:crypto` loads WebCrypto (4 ms). Asking for the module, and for the names in use, does not.
 */
const builtInsByName: Plugin = {
  name: 'built-ins-by-name',
  setup(build) {
    build.onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) =>
      isBuiltin(path) && kind !== 'require-call'
        ? { path: path.replace(/^node:/, ''), namespace: kind }
        : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'import-statement' }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path) ?? {});
      const exported = names
        .filter((name) => name !== 'default')
        .map((name) => `export const ${name} = /* @__PURE__ */ named('${name}');`);
      const contents = `
        const builtIn = process.getBuiltinModule('node:${path}');
        const named = (name) => builtIn[name];
        export default builtIn;
        ${exported.join('\n')}`;
      return { contents };
    });
    build.onLoad({ filter: /./, namespace: 'dynamic-import' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
  },
};

const say = (what: string) =>
  `throw new Error('${what} is not part of the Lambda, only of the CLI')`;

/** Classes and functions that say so if somebody calls them after all. */
const leftOut = (what: string, ...names: string[]) =>
  names.map((name) => `export function ${name}() { ${say(what)}; }`).join('\n');

/** A way to sign in to a cluster, for the users of a kubeconfig that name it. */
const leftOutSignIn = (provider: string, name: string) => `export class ${name} {
  isAuthProvider(user) { return user?.authProvider?.name === '${provider}'; }
  async applyAuthentication() { ${say(`signing in by ${provider}`)}; }
}`;

interface StandIn {
  /** What is imported, and by which file. */
  readonly import: RegExp;
  readonly by: RegExp;
  readonly name: string;
  readonly text: string;
}

const kubeConfig = /client-node\/dist\/config\.js$/;

/** A new version of a package that imports another name from one of these does not build. */
const standIns: readonly StandIn[] = [
  {
    import: /^@aws-sdk\/credential-provider-node$/,
    by: /client-[\w-]+\/dist-es\/runtimeConfig\.js$/,
    name: 'credentials-from-environment',
    text: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
  },
  {
    import: /^undici$/,
    by: kubeConfig,
    name: 'fetch-agents',
    text: leftOut('fetch', 'Agent', 'ProxyAgent'),
  },
  {
    import: /^\.\/gen\/index\.js$/,
    by: kubeConfig,
    name: 'api-classes',
    text: leftOut('makeApiClient', 'createConfiguration', 'ServerConfiguration'),
  },
  {
    import: /^socks-proxy-agent$/,
    by: kubeConfig,
    name: 'socks-agent',
    text: leftOut('a SOCKS proxy', 'SocksProxyAgent'),
  },
  {
    import: /^socks$/,
    by: kubeConfig,
    name: 'socks-client',
    text: leftOut('a SOCKS proxy', 'SocksClient'),
  },
  {
    import: /^\.\/oidc_auth\.js$/,
    by: kubeConfig,
    name: 'sign-in-oidc',
    text: leftOutSignIn('oidc', 'OpenIDConnectAuth'),
  },
  {
    import: /^\.\/gcp_auth\.js$/,
    by: kubeConfig,
    name: 'sign-in-gcp',
    text: leftOutSignIn('gcp', 'GoogleCloudPlatformAuth'),
  },
  {
    import: /^\.\/azure_auth\.js$/,
    by: kubeConfig,
    name: 'sign-in-azure',
    text: leftOutSignIn('azure', 'AzureAuth'),
  },
];

const withStandIns: Plugin = {
  name: 'stand-ins',
  setup(build) {
    for (const { import: filter, by, name, text } of standIns) {
      build.onResolve({ filter }, ({ importer, resolveDir }) =>
        by.test(importer)
          ? { path: name, namespace: 'stand-in', pluginData: { contents: text, resolveDir } }
          : undefined,
      );
    }
    build.onLoad({ filter: /./, namespace: 'stand-in' }, ({ pluginData }) => pluginData);
  },
};

/**
 * The SDK describes all operations and errors of a service in one file. esbuild would drop what no command asks
 * for, but for two things that might do anything as far as it knows:
 *
 *     { [_ht]: ["GET", "/clusters"] }       a key in brackets; with `const _ht = "http"` written out it goes
 *     n0_registry.registerError(E$, E);     a call; it goes, since we know errors by their names, and an error
 *                                           that is not registered (AccessDenied never is) keeps its name
 */
const onlyUsedSchemas: Plugin = {
  name: 'only-used-schemas',
  setup(build) {
    build.onLoad({ filter: /client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const constants = new Map(
        [...text.matchAll(/^const (\w+) = ("[^"]*");$/gm)].map(([, name, value]) => [name, value]),
      );
      const contents = text
        .replace(/\[(\w+)\]:/g, (key, name) =>
          constants.has(name) ? `${constants.get(name)}:` : key,
        )
        .replace(/^n0_registry\.registerError\(.*\);$/gm, '');
      return { contents };
    });
  },
};

/** Packages import their package.json for the version that they put into the user agent. */
const onlyVersions: Plugin = {
  name: 'only-versions',
  setup(build) {
    build.onLoad({ filter: /\/node_modules\/.*\/package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
} satisfies BuildOptions;

mkdirSync(folder, { recursive: true });

const { metafile } = await build({
  ...shared,
  entryPoints: { index: 'src/lambda.ts' },
  minify: true,
  metafile: true,
  // ES modules where a package has both: what nobody imports of them can be dropped.
  mainFields: ['module', 'main'],
  plugins: [builtInsByName, withStandIns, onlyUsedSchemas, onlyVersions],
  // Imported when an operation streams, and none does.
  external: ['@smithy/core/event-streams'],
  // The global of that name is WebCrypto, which takes 4 ms to load; the SDK asks it for random ids only.
  define: { crypto: 'nodeCrypto' },
  banner: {
    js: [
      "const nodeCrypto = process.getBuiltinModule('node:crypto');",
      // Packages in CommonJS call require, which an ES module does not have.
      "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
    ].join(' '),
  },
});
writeFileSync(join(folder, 'index.meta.json'), JSON.stringify(metafile));

await build({
  ...shared,
  entryPoints: { cli: 'src/cli.ts' },
  packages: 'external',
  // cli.mjs looks at the version of Node.js before it loads the rest.
  splitting: true,
  chunkNames: 'cli-[name]',
  banner: { js: '#!/usr/bin/env node' },
});
chmodSync(join(folder, 'cli.mjs'), 0o755);
