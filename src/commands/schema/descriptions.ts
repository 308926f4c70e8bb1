import { DEFAULT_TYPES } from '../../job.ts';
import type { RawSettings } from '../../settings/schema.ts';

/** What an editor shows for a key. */
export interface Description {
  readonly about: string;
  readonly examples?: readonly unknown[];
  /** As parse.ts sets it where the key is missing. */
  readonly default?: unknown;
}

/** A description of each key at any depth, of lists that of their items: a missing or surplus one fails the type check. */
export type Descriptions<Shape> = {
  readonly [Key in keyof Shape]-?: Described<NonNullable<Shape[Key]>>;
};

type Described<Value> = Value extends readonly (infer Item)[]
  ? Described<Item>
  : [Value] extends [object]
    ? string extends keyof Value
      ? Description
      : Description & { readonly keys: Descriptions<Value> }
    : Description;

type RawJob = RawSettings['jobs'][number];
type RawPlace = RawJob['to'][number];
type RawServer = NonNullable<RawPlace['prometheus']>[number];

const ROLE = 'arn:aws:iam::111122223333:role/reader';
const namespace = { about: 'The namespace of the object.', examples: ['monitoring'] };
const externalId = {
  about: "The external id that the role's trust policy requires.",
  examples: ['central'],
};

const templated: Descriptions<Pick<RawJob, 'select' | 'target' | 'labels'>> = {
  select: {
    about:
      'Which record sets become targets. Patterns are JavaScript regular expressions, unanchored, matched against the lowercase name with and without its trailing dot.',
    keys: {
      types: { about: 'The record types to select.', default: DEFAULT_TYPES },
      name: {
        about:
          'The names to select; required in the job or in each source. Named groups can be used in target and labels. A pattern that ends in literal labels is fast: only that part of the zone is listed.',
        examples: ['^(?<clusterID>[^.]+)\\.prometheus\\.internal$'],
      },
      exclude: { about: 'Names to leave out.', examples: [['^test-']] },
      setIdentifier: {
        about:
          'Only record sets whose set identifier matches; a record set without one has the empty text. Default: any or none.',
        examples: ['^(?!.*hibernating)'],
      },
    },
  },
  target: {
    about:
      "A template of the target's address: {name} (with its trailing dot), {host} (without), {label}, {zone} and the named groups of select.name.",
    default: '{name}',
    examples: ['{host}:9090'],
  },
  labels: {
    about:
      'Templates of the labels. They replace the default entirely; {} means no labels. {label} is the first label of the name.',
    default: { clusterID: '{label}' },
    examples: [{ clusterID: '{clusterID}' }],
  },
};

const object: Descriptions<NonNullable<RawPlace['configMap']>> = {
  namespace,
  name: { about: 'The name of the object.', examples: ['prometheus-server'] },
  key: { about: 'The key with the document.', examples: ['prometheus.yml'] },
};

const secret: Descriptions<NonNullable<RawServer['bearerToken']>> = {
  file: { about: 'The file that holds it, relative to the settings.', examples: ['token'] },
  env: { about: 'The environment variable that holds it.', examples: ['PROMETHEUS_TOKEN'] },
};

const server: Descriptions<RawServer> = {
  url: { about: 'The URL of the server.', examples: ['http://prometheus-server.monitoring'] },
  service: {
    about:
      "A service of the cluster, reached through the API server's proxy with the sign-in of the cluster.",
    keys: {
      namespace: { about: 'The namespace of the service.', examples: ['monitoring'] },
      name: { about: 'The name of the service.', examples: ['prometheus-server'] },
      port: { about: 'The port of the service, by number or name.', examples: [80, 'web'] },
      scheme: { about: 'What the server speaks.', examples: ['https'] },
      path: { about: 'Its --web.route-prefix.', examples: ['/prometheus'] },
    },
  },
  bearerToken: { about: 'A bearer token; never part of the settings themselves.', keys: secret },
  basicAuth: {
    about: 'Basic authentication.',
    keys: {
      username: { about: 'The user name.', examples: ['sync'] },
      password: { about: 'Where the password is.', keys: secret },
    },
  },
  caFile: {
    about: 'A PEM file with the certificate authorities of the server.',
    examples: ['ca.pem'],
  },
  reload: {
    about: 'wait posts /-/reload, so that the server reads its configuration again.',
    default: false,
  },
};

const place: Descriptions<RawPlace> = {
  configMap: { about: 'A ConfigMap.', keys: object },
  secret: { about: 'A Secret.', keys: object },
  scrapeConfig: {
    about: 'A ScrapeConfig of the Prometheus Operator: its spec.staticConfigs.',
    keys: { namespace: object.namespace, name: { ...object.name, examples: ['federate'] } },
  },
  file: { about: 'A file, relative to the settings.', examples: ['prometheus.yml'] },
  format: {
    about:
      'static_configs: a prometheus.yml, that job edited in place. file_sd: a list of target groups. scrape_configs: a bare list of scrape configs (additionalScrapeConfigs). thanos_endpoints: the endpoints of Thanos Query. A ScrapeConfig has a format of its own.',
    default: 'static_configs',
  },
  create: {
    about:
      'Create the object if it is missing: file_sd and thanos_endpoints; with template also scrape_configs and a ScrapeConfig.',
    default: false,
  },
  template: {
    about: 'With create: the file with the document that is written first.',
    examples: ['scrape.yml'],
  },
  nudge: {
    about: 'After a write, make the kubelet refresh the volumes of these pods now.',
    keys: {
      pods: {
        about: 'A label selector; same namespace as the object.',
        examples: ['app.kubernetes.io/name=prometheus'],
      },
    },
  },
  prometheus: {
    about:
      'The servers that read the list, for verify, wait and coverage: a URL, a service, or a list of them.',
    examples: ['http://prometheus-server.monitoring'],
    keys: server,
  },
  wait: {
    about: 'How long a sync waits, after a write, until those servers have loaded it.',
    default: '0s',
    examples: ['15s'],
  },
};

const job: Descriptions<RawJob> = {
  name: {
    about: 'The name for --job, logs and metrics. Default: the value of job.',
    examples: ['federate'],
  },
  job: {
    about: 'The job_name of the scrape config whose list it is, in formats that have jobs.',
    examples: ['federate'],
  },
  from: {
    about: 'The zones or record files; each can have its own select, target and labels.',
    keys: {
      zone: { about: 'The id of a hosted zone.', examples: ['Z08214473FVAJ9QTLWTEC'] },
      public: { about: 'Must be true for a public zone, which is refused otherwise.' },
      roleArn: { about: 'The role to assume for a zone of another account.', examples: [ROLE] },
      externalId,
      records: {
        about: 'A file with the output of `aws route53 list-resource-record-sets`.',
        examples: ['zone.json'],
      },
      allowAddresses: {
        about: 'Its targets may be IP addresses, localhost and single labels.',
        default: false,
      },
      ...templated,
    },
  },
  ...templated,
  also: {
    about: 'Targets that are not in a zone. The guard does not count them.',
    keys: {
      targets: { about: 'Their addresses.', examples: [['prometheus-server.monitoring:80']] },
      labels: { about: 'Their labels.', examples: [{ clusterID: 'central' }] },
    },
  },
  expect: {
    about: 'The clusters that exist, for coverage and its alarms; only compared, never written.',
    keys: {
      eks: {
        about: 'The EKS clusters of a Region and account.',
        keys: {
          region: {
            about: 'The Region. Default: that of the environment.',
            examples: ['eu-west-1'],
          },
          name: {
            about:
              "The names to expect. The group clusterID, else the whole name, is the cluster's id. Default: all.",
            examples: ['^prod-(?<clusterID>.+)$'],
          },
          connected: {
            about: 'Include clusters that EKS Connector registered.',
            default: false,
          },
          roleArn: {
            about: 'The role to assume for the clusters of another account.',
            examples: [ROLE],
          },
          externalId,
        },
      },
      file: { about: 'A file with one cluster a line.', examples: ['clusters.txt'] },
    },
  },
  guard: {
    about: 'Withholds removals that look like a mistake; additions are always written.',
    keys: {
      maxRemoved: {
        about:
          'The most targets to remove, as a percentage or a number. One or two are never too many.',
        default: '20%',
        examples: [10],
      },
      per: {
        about:
          'The time for which removals count together; 0s judges each run by itself. Default: 1h; for a file, which has no memory, 0s.',
        examples: ['1h'],
      },
      minTargets: {
        about: 'A run that wants fewer targets is refused; 0 allows an empty list.',
        default: 1,
      },
      adopt: {
        about:
          'Whether the first run on an object may remove what is in its list: refuse or replace.',
        default: 'refuse',
      },
    },
  },
  keep: {
    about: 'How long a target outlives its name. A file has no memory: there, 0s.',
    default: '0s',
    examples: ['15m'],
  },
  to: { about: 'The destination, or a list of them that all get the same list.', keys: place },
};

export const DESCRIPTIONS: Descriptions<RawSettings> = {
  cluster: {
    about: 'Where the objects are; not needed for files. Default: the cluster of KUBECONFIG.',
    keys: {
      eks: {
        about: 'An EKS cluster, with the credentials of AWS.',
        keys: {
          name: { about: 'The name of the cluster.', examples: ['central'] },
          region: {
            about: 'Its Region. Default: that of the environment.',
            examples: ['eu-west-1'],
          },
          roleArn: {
            about: 'The role to assume for a cluster of another account.',
            examples: [ROLE],
          },
          externalId,
          endpoint: {
            about:
              'The URL of the API server. With certificateAuthority, DescribeCluster is not called.',
            examples: ['https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com'],
          },
          certificateAuthority: {
            about: 'Its certificate authority, as PEM or PEM in base64 (DescribeCluster).',
          },
        },
      },
      kubeconfig: {
        about: 'A kubeconfig.',
        keys: {
          path: {
            about: 'Its file, relative to the settings. Default: KUBECONFIG, ~/.kube/config.',
            examples: ['kubeconfig'],
          },
          context: { about: 'The context. Default: the current one.', examples: ['central'] },
        },
      },
      inCluster: { about: 'The cluster that this pod runs in, by its service account.' },
    },
  },
  jobs: { about: 'The lists to keep in sync.', keys: job },
};
