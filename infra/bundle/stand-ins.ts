import type { Plugin } from 'esbuild';

/* What takes the place of modules that the Lambda imports and cannot use; plugins.ts has why, and what that saves. */

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
