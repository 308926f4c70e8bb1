import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/*
 * Cold starts are billed and add latency, and most of a cold start is loading code, so the bundle contains only
 * the parts of the packages that the Lambda can use. The source is not aware of this; it is all done here.
 *
 *     size that each part would add, minified, to the remaining 390 kB
 *     1080 kB  models, API classes      for KubeConfig.makeApiClient, which also imports undici
 *      730 kB  undici                   for KubeConfig with fetch; we use KubeConfig with node:https
 *      140 kB  SOCKS, OIDC, gcp, azure  ways to reach a cluster that the function does not use
 *      100 kB  credentials              Lambda sets them in the environment; the SDK would try seven more sources
 *       56 kB  schemas                  for 80 operations of Route 53 and STS that are never called
 *       10 kB  XML, files, headers      bodies of requests, configuration files, headers of event streams
 *        5 kB  SHA-256, fetch's bodies  that OpenSSL and node:http replace
 *       20 kB  event streams            for streaming operations; includes zlib
 *        5 kB  Regions, IMDS, S3        patterns tell partitions apart; Lambda sets the Region; we use no buckets
 *        3 kB  adaptive retries         the mode is standard
 *        3 kB  detection of loops       its header matters to services that the function does not call
 *        2 kB  the SDK's log of calls   nothing is written to it
 */

/**
 * An `import` of a built-in module evaluates all its exports: `node:http` loads Node's own undici for WebSocket
 * (20 ms), `node:crypto` loads WebCrypto (4 ms). Getting the module and reading only the names in use does not.
 */
export const builtInsByName: Plugin = {
  name: 'built-ins-by-name',
  setup(build) {
    build.onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) =>
      isBuiltin(path) ? { path: path.replace(/^node:/, ''), namespace: kind } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'import-statement' }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path) ?? {});
      const exported = names
        .filter((name) => name !== 'default')
        .map((name) => `export const ${name} = /* @__PURE__ */ named('${name}');`);
      const contents = `
        const builtIn = /* @__PURE__ */ process.getBuiltinModule('node:${path}');
        const named = (name) => builtIn[name];
        export default builtIn;
        ${exported.join('\n')}`;
      return { contents };
    });
    // CommonJS packages call require, which does not exist in an ES module.
    for (const namespace of ['dynamic-import', 'require-call']) {
      build.onLoad({ filter: /./, namespace }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule('node:${path}');`,
      }));
    }
  },
};

/**
 * The SDK describes all operations and errors of a service in one file. esbuild would drop the unused ones, except
 * that it must assume side effects in two constructs:
 *
 *     { [_ht]: ["GET", "/clusters"] }       a computed key; replaced by the value of `const _ht = "http"`
 *     n0_registry.registerError(E$, E);     a call; removed, because we identify errors by name, and an error
 *                                           that is not registered (AccessDenied never is) keeps its name
 */
export const onlyUsedSchemas: Plugin = {
  name: 'only-used-schemas',
  setup(build) {
    build.onLoad({ filter: /client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const constants = new Map(
        [...text.matchAll(/^const (\w+) = ("[^"]*");$/gm)].map(([, name, value]) => [name, value]),
      );
      const contents = onlyUsedMembers(text, path)
        .replace(/\[(\w+)\]:/g, (key, name) =>
          constants.has(name) ? `${constants.get(name)}:` : key,
        )
        .replace(/^n0_registry\.registerError\(.*\);$/gm, '');
      return { contents };
    });
  },
};

/**
 * The SDK looks for each member of a schema in each answer. Of a record set's fifteen we use five, which for a zone of
 * 10,000 saves a tenth of what a sync allocates.
 */
function onlyUsedMembers(text: string, path: string): string {
  if (!path.includes('client-route-53')) return text;
  const recordSet =
    /(var ResourceRecordSet\$ = \[3, n0, _RRS,\s*0,)\s*\[[\w, ]+\],\s*\[.*\], 2\s*\]/;
  if (!recordSet.test(text))
    throw new Error('the schema of ResourceRecordSet is written otherwise');
  return text.replace(
    recordSet,
    '$1 [_N, _T, _SI, _TTL, _RRe], [0, 0, 0, 1, [() => ResourceRecords, 0]], 2]',
  );
}

/**
 * The SDK has all Regions by name, with a description, and a pattern for each partition, which gives the same answer for
 * all but the Regions of global services.
 */
export const onlyPatternsOfRegions: Plugin = {
  name: 'only-patterns-of-regions',
  setup(build) {
    build.onLoad({ filter: /util-endpoints\/lib\/aws\/partitions\.js$/ }, async ({ path }) => {
      const { partitionsInfo } = await import(path);
      for (const partition of partitionsInfo.partitions as PartitionInfo[]) {
        const pattern = new RegExp(partition.regionRegex);
        const others = Object.keys(partition.regions).filter((region) => !pattern.test(region));
        partition.regions = Object.fromEntries(others.map((region) => [region, {}]));
      }
      return { contents: `export const partitionsInfo = ${JSON.stringify(partitionsInfo)};` };
    });
  },
};

interface PartitionInfo {
  readonly regionRegex: string;
  regions: Record<string, object>;
}

/** The SDK tries out whether Node.js has OpenSSL, with a hash for each of its own in JavaScript. Lambda's has. */
export const hashesOfOpenSsl: Plugin = {
  name: 'hashes-of-openssl',
  setup(build) {
    build.onLoad({ filter: /checksum\/(?:md5|sha256)\/\w+Node\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = text
        .replace(/^const hasNativeCrypto = [\s\S]*?^\}\)\(\);$/m, '')
        .replace(/\bhasNativeCrypto \? (\w+\(\)) : \w+;/, '$1;');
      if (contents.includes('hasNativeCrypto')) throw new Error(`${path} is written otherwise`);
      return { contents };
    });
  },
};

/**
 * js-yaml makes its tags, schemas and defaults by calls and spreads, which esbuild must assume to have side effects. In a
 * pure function they have none, so the schema of YAML 1.1 and what only `dump` needs are dropped.
 */
export const onlyUsedTags: Plugin = {
  name: 'only-used-tags',
  setup(build) {
    build.onLoad({ filter: /js-yaml\/dist\/js-yaml\.mjs$/ }, ({ path }) => {
      const made = /^(?:new Schema|new RegExp|define\w+Tag|\w+\.withTags)\(/;
      const contents = readFileSync(path, 'utf8').replace(
        // To the end of the line, or to the first line at the margin that ends it.
        /^var (\w+) = (\S.*|\S.*(?:\n.*)*?\n[)\]}].*);$/gm,
        (whole, name, value) =>
          made.test(value) || name.startsWith('DEFAULT_')
            ? `var ${name} = /* @__PURE__ */ (() => (${value}))();`
            : whole,
      );
      return { contents };
    });
  },
};

/** Packages import their package.json only for the version in the user agent. */
export const onlyVersions: Plugin = {
  name: 'only-versions',
  setup(build) {
    build.onLoad({ filter: /\/node_modules\/.*\/package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};
