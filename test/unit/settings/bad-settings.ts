/** What is said of each fixture `NAME.bad.yml`, line by line, after the file's own name. */
export const badSettings: Readonly<Record<string, readonly string[]>> = {
  also: [
    'jobs[0].also[0].labels.clusterID: null stands there; expected text',
    'jobs[0].also[0].targets[0]: "*.internal" stands there; expected a target, such as host:9090 (a wildcard names no single server)',
    'jobs[0].also[0].targets[1]: "a:99999" stands there; expected a target, such as host:9090 ("99999" is no port from 1 to 65535)',
    'jobs[0].also[0].targets[2]: "a b" stands there; expected a target, such as host:9090 (the label "a b" cannot be in a host name)',
    'jobs[0].also[0].targets[3]: 5 stands there; expected a target, such as host:9090',
    'jobs[0].also[1].targets: [] stands there; expected at least one target',
    'jobs[0].also[2]: "prometheus:80" stands there; expected a mapping of targets, labels',
  ],
  blank: [
    'cluster: null stands there; expected a mapping of eks, kubeconfig, inCluster',
    'jobs[0].from: null stands there; expected a list of sources, each a zone or a records file',
    `jobs[0].select.name: nothing stands there; expected a pattern of the names that are meant, such as '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'`,
    'jobs[0].select: null stands there; expected a mapping of types, name, exclude, setIdentifier',
    'jobs[0].to: null stands there; expected a place, or a list of places',
    'jobs[1]: null stands there; expected a mapping of name, job, from, select, target, labels, also, guard, to',
  ],
  'cluster-of-nothing': [
    'cluster: nothing stands there; expected exactly one of: eks, kubeconfig, inCluster',
  ],
  'cluster-role': [
    `cluster.eks.name: nothing stands there; expected the EKS cluster's name: letters, digits, - and _`,
    'cluster.eks.roleArn: "x" stands there; expected a role ARN, such as arn:aws:iam::111122223333:role/reader',
    'cluster.kubeconfig.file: "file" stands there; expected one of: path, context',
    'cluster: "eks and kubeconfig" stands there; expected exactly one of: eks, kubeconfig, inCluster',
  ],
  cluster: [
    'cluster.eks.certificateAuthority: "" stands there; expected the certificate authority, as PEM or as that in base64',
    `cluster.eks.endpoint: "http://x" stands there; expected the API server's URL, with https`,
    `cluster.eks.name: "a b" stands there; expected the EKS cluster's name: letters, digits, - and _`,
    'cluster.eks.region: "Frankfurt" stands there; expected a Region, such as eu-west-1',
    'cluster.inCluster: false stands there; expected true',
    'cluster: "eks and inCluster" stands there; expected exactly one of: eks, kubeconfig, inCluster',
  ],
  create: [
    'jobs[0].to[0].create: true stands there; expected no create with format static_configs: only a document that is all ours is created',
    'jobs[0].to[1].create: true stands there; expected no create with format scrape_configs: only a document that is all ours is created',
    'jobs[0].to[3].create: "yes" stands there; expected true or false',
  ],
  empty: ['the settings: nothing stands there; expected a mapping of cluster, jobs'],
  'external-id-alone': [
    'cluster.eks.roleArn: nothing stands there; expected the role that the external id is for',
    'jobs[0].from[0].roleArn: nothing stands there; expected the role that the external id is for',
  ],
  format: [
    'jobs[0].to.format: "json" stands there; expected one of: static_configs, file_sd, scrape_configs, thanos_endpoints',
    'jobs[0].to.prometheus: "localhost:9090" stands there; expected the URL of a Prometheus server',
  ],
  'from-of-one': [
    'jobs[0].from: {"zone":"Z1"} stands there; expected a list of sources, each a zone or a records file',
  ],
  'from-without-source': [
    'jobs[0].from[0]: nothing stands there; expected exactly one of: zone, records',
    'jobs[0].from[1]: "zone and records" stands there; expected exactly one of: zone, records',
    'jobs[0].from[2]: "Z1" stands there; expected a mapping of zone, public, roleArn, externalId, records, select, target, labels',
  ],
  'group-names': [
    'jobs[0].from[1].select.name: "(?<host>x)" stands there; expected groups by other names: {name}, {host}, {label}, {zone} have a meaning',
    'jobs[0].select.name: "^(?<label>x)(?<zone>y)" stands there; expected groups by other names: {name}, {host}, {label}, {zone} have a meaning',
  ],
  'guard-numbers': [
    'jobs[0].guard.maxRemoved: -1 stands there; expected a percentage such as 20%, or a whole number',
    'jobs[0].guard.minTargets: 1.5 stands there; expected a whole number; 0 allows an empty list',
  ],
  guard: [
    'jobs[0].guard.adopt: "yes" stands there; expected refuse or replace',
    'jobs[0].guard.maxRemoved: "120%" stands there; expected a percentage such as 20%, or a whole number',
    'jobs[0].guard.minTargets: -1 stands there; expected a whole number; 0 allows an empty list',
  ],
  'job-missing-for-format': [
    'jobs[0].job: nothing stands there; expected the job_name whose list this is (format static_configs has one)',
    'jobs[1].name: nothing stands there; expected a name for --job, logs and metrics',
    'jobs[2].job: nothing stands there; expected the job_name whose list this is (format scrape_configs has one)',
  ],
  'job-without-anything': [
    'jobs[0].from: nothing stands there; expected a list of sources, each a zone or a records file',
    'jobs[0].name: nothing stands there; expected a name for --job, logs and metrics',
    `jobs[0].select.name: nothing stands there; expected a pattern of the names that are meant, such as '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'`,
    'jobs[0].to: nothing stands there; expected a place, or a list of places',
    'jobs[1]: "federate" stands there; expected a mapping of name, job, from, select, target, labels, also, guard, to',
  ],
  'key-twice': ['line 6: not YAML: duplicated mapping key'],
  'labels-no-mapping': [
    'jobs[0].labels: ["clusterID"] stands there; expected a mapping of label names to text',
  ],
  labels: [
    `jobs[0].labels.empty: "" stands there; expected text or a template, such as '{label}'`,
    `jobs[0].labels.none: null stands there; expected text or a template, such as '{label}'`,
    `jobs[0].labels.number: 5 stands there; expected text or a template, such as '{label}'`,
    'jobs[0].labels: "0a" stands there; expected a label name: letters, digits and _, not a digit first',
    'jobs[0].labels: "cluster-id" stands there; expected a label name: letters, digits and _, not a digit first',
  ],
  'list-at-the-top': [
    'the settings: [{"job":"federate"}] stands there; expected a mapping of cluster, jobs',
  ],
  'long-values': [
    'jobs[0].from[0].zone: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" stands there; expected a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
    'jobs[0].from[1].zone: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… stands there; expected a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
  ],
  name: ['jobs[0].name: "a,b" stands there; expected a name without commas'],
  'names-twice': [
    'jobs[1].name: "federate" stands there; expected another name: jobs[0] has this one',
    'jobs[2].name: "federate" stands there; expected another name: jobs[0] has this one',
  ],
  'no-jobs': ['jobs: [] stands there; expected at least one job'],
  'not-yaml': ['line 2: not YAML: deficient indentation'],
  'one-document-of-two-formats': [
    'jobs[1].to: "x.yml" stands there; expected another list or place: jobs[0].to owns this one',
    'jobs[2].to: "x.yml" stands there; expected another list or place: jobs[0].to owns this one',
  ],
  'one-file-by-two-names': [
    'jobs[1].to: "./targets.json" stands there; expected another list or place: jobs[0].to owns this one',
    'jobs[2].to: "x/../targets.json" stands there; expected another list or place: jobs[0].to owns this one',
    'jobs[3].to: "/etc/federation-sync/targets.json" stands there; expected another list or place: jobs[0].to owns this one',
  ],
  'one-list-of-two-jobs': [
    'jobs[1].to[1]: "configmap/m/c:k" stands there; expected another list or place: jobs[0].to owns this one',
    'jobs[2].to[1]: "secret/m/c:k" stands there; expected another list or place: jobs[2].to[0] owns this one',
  ],
  'one-list-twice-in-a-job': [
    'jobs[0].to[1]: "a.yml" stands there; expected another list or place: jobs[0].to[0] owns this one',
  ],
  'pattern-missing': [
    `jobs[0].from[1].select.name: nothing stands there; expected a pattern of the names that are meant, such as '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'`,
    `jobs[0].select.name: nothing stands there; expected a pattern of the names that are meant, such as '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'`,
  ],
  'pattern-of-no-text': ['jobs[0].select.name: 5 stands there; expected a regular expression'],
  pattern: [
    'jobs[0].from[0].select.exclude[0]: "a: \\n(" stands there; expected a JavaScript regular expression (Unterminated group)',
    'jobs[0].select.exclude: "^x" stands there; expected a list of regular expressions',
    'jobs[0].select.name: "(" stands there; expected a JavaScript regular expression (Unterminated group)',
    'jobs[0].select.setIdentifier: "[" stands there; expected a JavaScript regular expression (Unterminated character class)',
    'jobs[0].select.types: [] stands there; expected at least one record type',
  ],
  'prototype-keys': [
    'jobs[0].__proto__: "__proto__" stands there; expected one of: name, job, from, select, target, labels, also, guard, to',
    'jobs[0].also[0].labels: "__proto__" stands there; expected another label name',
    'jobs[0].from[0].labels: "__proto__" stands there; expected another label name',
  ],
  'records-with-role': [
    'jobs[0].from[0].externalId: "x" stands there; expected nothing: a records file needs no such thing',
    'jobs[0].from[0].public: true stands there; expected nothing: a records file needs no such thing',
    'jobs[0].from[0].roleArn: "arn:aws:iam::111122223333:role/r" stands there; expected nothing: a records file needs no such thing',
  ],
  'several-documents': ['2 YAML documents, not one'],
  'template-of-from': [
    'jobs[0].from[2].labels.b: "{b}" stands there; expected only {name}, {host}, {label}, {zone}, {a} in braces, not {b}',
    'jobs[0].from[2].target: "{b}" stands there; expected only {name}, {host}, {label}, {zone}, {a} in braces, not {b}',
    'jobs[0].labels.a: "{a}" stands there; expected only {name}, {host}, {label}, {zone}, {b} in braces, not {a}',
  ],
  template: [
    'jobs[0].labels.clusterID: "{clusterID}" stands there; expected only {name}, {host}, {label}, {zone} in braces, not {clusterID}',
    'jobs[0].target: "{hots}:{port}" stands there; expected only {name}, {host}, {label}, {zone} in braces, not {hots}, {port}',
  ],
  'to-incomplete': [
    'jobs[0].to[0].configMap.key: nothing stands there; expected a key of the object, such as prometheus.yml',
    'jobs[0].to[0].configMap.namespace: nothing stands there; expected a namespace: small letters, digits and -',
    'jobs[0].to[1].secret.key: "a/b" stands there; expected a key of the object, such as prometheus.yml',
    `jobs[0].to[1].secret.name: "a_b" stands there; expected the object's name: small letters, digits, - and .`,
    'jobs[0].to[1].secret.namespace: "Monitoring" stands there; expected a namespace: small letters, digits and -',
    'jobs[0].to[2].file: "" stands there; expected the path of a file',
    'jobs[0].to[3]: "prometheus.yml" stands there; expected a mapping of configMap, secret, file, format, create, prometheus',
  ],
  'to-nowhere': [
    'jobs[0].to: nothing stands there; expected exactly one of: configMap, secret, file',
    'jobs[1].to[0]: nothing stands there; expected exactly one of: configMap, secret, file',
    'jobs[1].to[1]: nothing stands there; expected exactly one of: configMap, secret, file',
  ],
  'to-two-places': [
    'jobs[0].to: "configMap and file" stands there; expected exactly one of: configMap, secret, file',
  ],
  'too-many-values': ['far too many values, those that aliases repeat among them'],
  types: [
    'jobs[0].select.types[0]: "cname" stands there; expected a record type in capitals, such as CNAME',
    'jobs[0].select.types[1]: 5 stands there; expected a record type in capitals, such as CNAME',
  ],
  'unknown-keys': [
    'cluter: "cluter" stands there; expected one of: cluster, jobs',
    'jobs[0].form: "form" stands there; expected one of: name, job, from, select, target, labels, also, guard, to',
    'jobs[0].select.names: "names" stands there; expected one of: types, name, exclude, setIdentifier',
    'jobs[0].to.formats: "formats" stands there; expected one of: configMap, secret, file, format, create, prometheus',
  ],
  zone: [
    'jobs[0].from[0].zone: "internal.example." stands there; expected a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
    'jobs[0].from[1].zone: 5 stands there; expected a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
    `jobs[0].from[2].externalId: "" stands there; expected the external id that the role's trust policy asks for`,
    'jobs[0].from[2].roleArn: "reader" stands there; expected a role ARN, such as arn:aws:iam::111122223333:role/reader',
  ],
};
