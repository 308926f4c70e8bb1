import * as z from 'zod/mini';
import { formats } from '../formats.ts';
import { OWN_LABEL } from '../target.ts';
import { addressFault } from '../targets/address.ts';
import { DURATION } from '../wording.ts';

/*
 * The shape of federation-sync.yml. Every `error` names the valid values: it completes the sentence
 * "…; expected". Rules across several keys are in cross-check.ts.
 */

const text = (may: string) => z.string({ error: may }).check(z.minLength(1));
const matching = (pattern: RegExp, may: string) => z.string({ error: may }).check(z.regex(pattern));
const flag = z.boolean({ error: 'true or false' });
const list = <T extends z.core.$ZodType>(item: T, may: string) => z.array(item, { error: may });
const mapping = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `one of: ${Object.keys(shape).join(', ')}`
        : `a mapping of ${Object.keys(shape).join(', ')}`,
  });

const pattern = z.stringFormat('regex', (text) => whyNoPattern(text) === undefined, {
  error: ({ input }) =>
    typeof input === 'string'
      ? `a JavaScript regular expression (${whyNoPattern(input)})`
      : 'a regular expression',
});

function whyNoPattern(text: string): string | undefined {
  try {
    new RegExp(text);
    return undefined;
  } catch (error) {
    return (error as Error).message.split(': ').at(-1);
  }
}

const address = z.string({ error: 'a target, such as host:9090' }).check(
  z.check((payload) => {
    const fault = addressFault(payload.value);
    if (fault) {
      const message = `a target, such as host:9090 (${fault.reason})`;
      payload.issues.push({ code: 'custom', input: payload.value, message });
    }
  }),
);

const labels = (may: string) =>
  z.record(
    matching(
      OWN_LABEL,
      'a label name: letters, digits and _, not starting with a digit; not __address__, __name__ or __meta_…',
    ),
    text(may),
    { error: 'a mapping of label names to text' },
  );

const RecordType = matching(/^[A-Z0-9]+$/, 'a record type in uppercase, such as CNAME');
const selectShape = {
  types: z.optional(
    list(RecordType, 'a list of record types, such as [A, AAAA, CNAME]').check(
      z.minLength(1, { error: 'at least one record type' }),
    ),
  ),
  name: z.optional(
    pattern.check(z.minLength(1, { error: 'a regular expression; . matches every name' })),
  ),
  exclude: z.optional(list(pattern, 'a list of regular expressions')),
  setIdentifier: z.optional(pattern),
};
const templated = {
  select: z.optional(mapping(selectShape)),
  target: z.optional(text("a template, such as '{name}' or '{host}:9090'")),
  labels: z.optional(labels("text or a template, such as '{label}'")),
};
const ROLE = 'a role ARN, such as arn:aws:iam::111122223333:role/reader';
const roleArn = z.optional(matching(/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/, ROLE));
const externalId = z.optional(text("the external id that the role's trust policy requires"));
const region = z.optional(matching(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'a Region, such as eu-west-1'));

const FromShape = mapping({
  zone: z.optional(
    matching(
      /^(\/hostedzone\/)?[A-Za-z0-9]{1,32}$/,
      'a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
    ),
  ),
  public: z.optional(flag),
  roleArn,
  externalId,
  records: z.optional(text('the path of an export of record sets')),
  allowAddresses: z.optional(flag),
  ...templated,
});

const DNS_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const objectShape = {
  namespace: matching(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'a namespace: lowercase letters, digits and -',
  ),
  name: matching(DNS_NAME, 'an object name: lowercase letters, digits, - and .'),
  key: matching(/^[-._a-zA-Z0-9]{1,253}$/, 'a key of the object, such as prometheus.yml'),
};

const SecretShape = mapping({
  file: z.optional(text('the path of the file that holds it')),
  env: z.optional(
    matching(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of the environment variable that holds it'),
  ),
});

const PORT = 'a port, as a number from 1 to 65535 or by its name';
const ServiceShape = mapping({
  namespace: objectShape.namespace,
  name: objectShape.name,
  port: z.union(
    [
      z.int({ error: PORT }).check(z.minimum(1), z.maximum(65_535)),
      matching(/^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/, PORT),
    ],
    { error: PORT },
  ),
  scheme: z.optional(z.enum(['http', 'https'], { error: 'http or https' })),
  path: z.optional(matching(/^(\/[\w.~-]+)+\/?$/, 'a path, such as /prometheus')),
});

const SERVER = 'a URL, a service, or a list of them';
const ServerShape = mapping({
  url: z.optional(matching(/^https?:\/\/[^\s/]/, 'the URL of a Prometheus server')),
  service: z.optional(ServiceShape),
  bearerToken: z.optional(SecretShape),
  basicAuth: z.optional(mapping({ username: text('a user name'), password: SecretShape })),
  caFile: z.optional(text('the path of a PEM file of certificate authorities')),
  reload: z.optional(flag),
});

/** As kubectl accepts it: `app=prometheus,tier in (a, b),!canary`. */
const SELECTOR =
  /^\s*!?[\w./-]+(\s*(=|==|!=)\s*[\w.-]*|\s+(not)?in\s*\([\w.,\s-]*\))?(\s*,\s*!?[\w./-]+(\s*(=|==|!=)\s*[\w.-]*|\s+(not)?in\s*\([\w.,\s-]*\))?)*\s*$/;

const duration = (may: string) => matching(DURATION, may);

const PlaceShape = mapping({
  configMap: z.optional(mapping(objectShape)),
  secret: z.optional(mapping(objectShape)),
  scrapeConfig: z.optional(mapping({ namespace: objectShape.namespace, name: objectShape.name })),
  file: z.optional(text('the path of a file')),
  format: z.optional(z.enum(formats, { error: `one of: ${formats.join(', ')}` })),
  create: z.optional(flag),
  template: z.optional(text('the path of a file')),
  nudge: z.optional(
    mapping({
      pods: matching(SELECTOR, 'a label selector, such as app.kubernetes.io/name=prometheus'),
    }),
  ),
  // One server or a list of them; parse.ts turns it into a list first.
  prometheus: z.optional(
    list(ServerShape, SERVER).check(z.minLength(1, { error: 'at least one server' })),
  ),
  wait: z.optional(duration('a duration such as 15s; 0s does not wait')),
});

const wholeNumber = (may: string) => z.int({ error: may }).check(z.nonnegative());
const MAX_REMOVED = 'a percentage such as 20%, or a whole number';
const GuardShape = mapping({
  maxRemoved: z.optional(
    z.union([wholeNumber(MAX_REMOVED), matching(/^(100|[0-9]{1,2})%$/, MAX_REMOVED)], {
      error: MAX_REMOVED,
    }),
  ),
  per: z.optional(duration('a duration such as 1h or 30m; 0s judges each run by itself')),
  minTargets: z.optional(wholeNumber('a whole number; 0 allows an empty list')),
  adopt: z.optional(z.enum(['refuse', 'replace'], { error: 'refuse or replace' })),
});

const AlsoShape = mapping({
  targets: list(address, 'a list of targets').check(
    z.minLength(1, { error: 'at least one target' }),
  ),
  labels: z.optional(labels('text')),
});

const ExpectShape = mapping({
  eks: z.optional(
    mapping({
      region,
      name: z.optional(pattern),
      connected: z.optional(flag),
      roleArn,
      externalId,
    }),
  ),
  file: z.optional(text('the path of a file with one cluster a line')),
});

const JobShape = mapping({
  name: z.optional(matching(/^[^\s,][^,\n]{0,127}$/, 'a name without commas')),
  job: z.optional(text('the job_name of a scrape config')),
  from: z.optional(
    list(FromShape, 'a list of sources, each a zone or a records file').check(
      z.minLength(1, { error: 'at least one source' }),
    ),
  ),
  ...templated,
  also: z.optional(list(AlsoShape, 'a list of {targets, labels}')),
  expect: z.optional(
    list(ExpectShape, 'a list of sources, each eks or a file').check(
      z.minLength(1, { error: 'at least one source' }),
    ),
  ),
  guard: z.optional(GuardShape),
  keep: z.optional(duration('a duration such as 15m; 0s keeps nothing')),
  // One place or a list of places; parse.ts turns it into a list first.
  to: list(PlaceShape, 'a place, or a list of places').check(
    z.minLength(1, { error: 'at least one place' }),
  ),
});

const ClusterShape = mapping({
  eks: z.optional(
    mapping({
      name: matching(
        /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/,
        'an EKS cluster name: letters, digits, - and _',
      ),
      region,
      roleArn,
      externalId,
      endpoint: z.optional(matching(/^https:\/\/[^\s/]+\/?$/, "the API server's URL, with https")),
      certificateAuthority: z.optional(
        matching(
          /-----BEGIN CERTIFICATE-----|^[A-Za-z0-9+/=\s]+$/,
          'a certificate authority as PEM, or PEM in base64',
        ),
      ),
    }),
  ),
  kubeconfig: z.optional(
    mapping({
      path: z.optional(text('the path of a kubeconfig')),
      context: z.optional(text('a context in the kubeconfig')),
    }),
  ),
  inCluster: z.optional(z.literal(true, { error: 'true' })),
});

export const SettingsFile = mapping({
  cluster: z.optional(ClusterShape),
  jobs: list(JobShape, 'a list of jobs').check(z.minLength(1, { error: 'at least one job' })),
});

export type RawSettings = z.infer<typeof SettingsFile>;
export type RawJob = RawSettings['jobs'][number];
export type RawFrom = NonNullable<RawJob['from']>[number];
export type RawExpect = NonNullable<RawJob['expect']>[number];
export type RawPlace = RawJob['to'][number];
export type RawServer = NonNullable<RawPlace['prometheus']>[number];
