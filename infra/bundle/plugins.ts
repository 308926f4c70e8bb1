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

const say = (what: string) =>
  `throw new Error('${what} is not part of the Lambda, only of the CLI')`;

/** Classes and functions that throw if they are called. */
const leftOut = (what: string, ...names: string[]) =>
  names.map((name) => `export function ${name}() { ${say(what)}; }`).join('\n');

/** An auth provider that throws when a kubeconfig's user needs it. */
const leftOutSignIn = (provider: string, name: string) => `export class ${name} {
  isAuthProvider(user) { return user?.authProvider?.name === '${provider}'; }
  async applyAuthentication() { ${say(`signing in by ${provider}`)}; }
}`;

interface StandIn {
  /** The imported specifier, and the importing file. */
  readonly import: RegExp;
  readonly by: RegExp;
  readonly name: string;
  readonly text: string;
}

const kubeConfig = /client-node\/dist\/config\.js$/;

/** The build fails if a new version of a package imports a name that these do not export. */
const standIns: readonly StandIn[] = [
  {
    import: /^@aws-sdk\/credential-provider-node$/,
    by: /client-[\w-]+\/dist-es\/runtimeConfig\.js$/,
    name: 'credentials-from-environment',
    text: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
  },
  {
    // STS is signed for one Region; several need a package that the SDK does not install either.
    import: /^@aws-sdk\/signature-v4-multi-region$/,
    by: /client-sts\/dist-es\//,
    name: 'signer-of-one-region',
    text: `import { SignatureV4 } from '@smithy/signature-v4';
export class SignatureV4MultiRegion extends SignatureV4 {
  static sigv4aDependency() { return 'none'; }
}`,
  },
  {
    // src/aws/clients.ts sets the mode standard.
    import: /\/AdaptiveRetryStrategy$/,
    by: /retry\/middleware-retry\/configurations\.js$/,
    name: 'adaptive-retries',
    text: leftOut('adaptive retry mode', 'AdaptiveRetryStrategy'),
  },
  {
    // Lambda's settings are in the environment. Looking for each of 30 values in two files that are missing takes 2 ms.
    import: /\/fromSharedConfigFiles$/,
    by: /config\/node-config-provider\/configLoader\.js$/,
    name: 'settings-from-files',
    text: `const missing = Object.assign(new Error('no configuration files'), { tryNextLink: true });
export const fromSharedConfigFiles = () => async () => { throw missing; };`,
  },
  {
    // We send no bodies.
    import: /\/XmlShapeSerializer$/,
    by: /protocols\/xml\/XmlCodec\.js$/,
    name: 'bodies-in-xml',
    text: `export class XmlShapeSerializer {
  setSerdeContext() {}
  write() { ${say('a request with a body')}; }
  flush() { ${say('a request with a body')}; }
}`,
  },
  {
    // node:fs's ReadStream, which a body may be, loads node:fs/promises and what that needs.
    import: /\/calculateBodyLength$/,
    by: /serde\/index\.js$/,
    name: 'bodies-from-files',
    text: "export const calculateBodyLength = (body) => Buffer.byteLength(body ?? '');",
  },
  {
    import: /\/HeaderFormatter$/,
    by: /signature-v4\/dist-es\/SignatureV4\.js$/,
    name: 'headers-of-event-streams',
    text: `export class HeaderFormatter {
  format() { ${say('signing an event stream')}; }
}`,
  },
  {
    // node-http-handler's bodies are read whole.
    import: /\/sdk-stream-mixin$/,
    by: /serde\/index\.js$/,
    name: 'streamed-answers',
    text: leftOut('a streamed answer', 'sdkStreamMixin'),
  },
  {
    // src/aws/clients.ts gives the SDK a logger that writes nothing.
    import: /\/loggerMiddleware$/,
    by: /core\/dist-es\/submodules\/client\/index\.js$/,
    name: 'log-of-calls',
    text: `export const loggerMiddlewareOptions = {};
export const loggerMiddleware = () => (next) => next;
export const getLoggerPlugin = () => ({ applyToStack() {} });`,
  },
  {
    import: /\/schemaLogFilter$/,
    by: /client\/smithy-client\/command\.js$/,
    name: 'filter-of-that-log',
    text: 'export const schemaLogFilter = (_schema, data) => data;',
  },
  {
    // Lambda finds loops by this header, through services that the function does not call (S3, SNS, SQS).
    import: /\/recursionDetectionMiddleware$/,
    by: /middleware-recursion-detection\/getRecursionDetectionPlugin\.js$/,
    name: 'detection-of-loops',
    text: 'export const recursionDetectionMiddleware = () => (next) => next;',
  },
  {
    import: /\/service-customizations$/,
    by: /middleware-endpoint\/adaptors\/getEndpointFromInstructions\.js$/,
    name: 'buckets',
    text: leftOut('S3', 'resolveParamsForS3'),
  },
  {
    // Lambda sets AWS_REGION.
    import: /\/getInstanceMetadataRegion$/,
    by: /config\/(?:defaults-mode|config-resolver)\//,
    name: 'region-of-an-instance',
    text: 'export const getInstanceMetadataRegion = async () => undefined;',
  },
  {
    // Our own start refuses an older Node.js, and Lambda's is known.
    import: /\/emitWarningIfUnsupportedVersion$/,
    by: /core\/dist-es\/submodules\/client\//,
    name: 'version-of-node',
    text: 'export const state = { warningEmitted: true }; export const emitWarningIfUnsupportedVersion = () => undefined;',
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

export const withStandIns: Plugin = {
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
