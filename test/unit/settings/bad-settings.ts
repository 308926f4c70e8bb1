/** What is said of each fixture `NAME.bad.yml`, line by line, after the file's own name. */
export const badSettings: Readonly<Record<string, readonly string[]>> = {
  also: [
    'jobs[0].also[0].labels.clusterID: found null; expected text',
    'jobs[0].also[0].targets[0]: found "*.internal"; expected a target, such as host:9090 (a wildcard does not name one server)',
    'jobs[0].also[0].targets[1]: found "a:99999"; expected a target, such as host:9090 (the port must be a number from 1 to 65535, not "99999")',
    'jobs[0].also[0].targets[2]: found "a b"; expected a target, such as host:9090 (the label "a b" cannot be in a host name)',
    'jobs[0].also[0].targets[3]: found 5; expected a target, such as host:9090',
    'jobs[0].also[1].targets: found []; expected at least one target',
    'jobs[0].also[2]: found "prometheus:80"; expected a mapping of targets, labels',
  ],
  blank: [
    'cluster: found null; expected a mapping of eks, kubeconfig, inCluster',
    'jobs[0].from: found null; expected a list of sources, each a zone or a records file',
    `jobs[0].select.name: missing; expected a pattern of the names to select, such as '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'`,
    'jobs[0].select: found null; expected a mapping of types, name, exclude, setIdentifier',
    'jobs[0].to: found null; expected a place, or a list of places',
    'jobs[1]: found null; expected a mapping of name, job, from, select, target, labels, also, guard, to',
  ],
  'cluster-of-nothing': ['cluster: missing; expected exactly one of: eks, kubeconfig, inCluster'],
  'cluster-role': [
    `cluster.eks.name: missing; expected an EKS cluster name: letters, digits, - and _`,
    'cluster.eks.roleArn: found "x"; expected a role ARN, such as arn:aws:iam::111122223333:role/reader',
    'cluster.kubeconfig.file: found "file"; expected one of: path, context',
    'cluster: found "eks and kubeconfig"; expected exactly one of: eks, kubeconfig, inCluster',
  ],
  cluster: [
    'cluster.eks.certificateAuthority: found ""; expected a certificate authority as PEM, or PEM in base64',
    `cluster.eks.endpoint: found "http://x"; expected the API server's URL, with https`,
    `cluster.eks.name: found "a b"; expected an EKS cluster name: letters, digits, - and _`,
    'cluster.eks.region: found "Frankfurt"; expected a Region, such as eu-west-1',
    'cluster.inCluster: found false; expected true',
    'cluster: found "eks and inCluster"; expected exactly one of: eks, kubeconfig, inCluster',
  ],
  create: [
    'jobs[0].to[0].create: found true; expected no create with format static_configs: only a document with nothing but the list is created',
    'jobs[0].to[1].create: found true; expected no create with format scrape_configs: only a document with nothing but the list is created',
    'jobs[0].to[3].create: found "yes"; expected true or false',
  ],
  empty: ['the settings: missing; expected a mapping of cluster, jobs'],
  'external-id-alone': [
    'cluster.eks.roleArn: missing; expected the role that the external id is for',
    'jobs[0].from[0].roleArn: missing; expected the role that the external id is for',
  ],
  format: [
    'jobs[0].to.format: found "json"; expected one of: static_configs, file_sd, scrape_configs, thanos_endpoints',
    'jobs[0].to.prometheus: found "localhost:9090"; expected the URL of a Prometheus server',
  ],
  'from-of-one': [
    'jobs[0].from: found {"zone":"Z1"}; expected a list of sources, each a zone or a records file',
  ],
  'from-without-source': [
    'jobs[0].from[0]: missing; expected exactly one of: zone, records',
    'jobs[0].from[1]: found "zone and records"; expected exactly one of: zone, records',
    'jobs[0].from[2]: found "Z1"; expected a mapping of zone, public, roleArn, externalId, records, select, target, labels',
  ],
  'group-names': [
    'jobs[0].from[1].select.name: found "(?<host>x)"; expected other group names: {name}, {host}, {label}, {zone} are predefined',
    'jobs[0].select.name: found "^(?<label>x)(?<zone>y)"; expected other group names: {name}, {host}, {label}, {zone} are predefined',
  ],
  'guard-numbers': [
    'jobs[0].guard.maxRemoved: found -1; expected a percentage such as 20%, or a whole number',
    'jobs[0].guard.minTargets: found 1.5; expected a whole number; 0 allows an empty list',
  ],
  guard: [
    'jobs[0].guard.adopt: found "yes"; expected refuse or replace',
    'jobs[0].guard.maxRemoved: found "120%"; expected a percentage such as 20%, or a whole number',
    'jobs[0].guard.minTargets: found -1; expected a whole number; 0 allows an empty list',
  ],
  'job-missing-for-format': [
    'jobs[0].job: missing; expected the job_name of the scrape config (format static_configs has one)',
    'jobs[1].name: missing; expected a name for --job, logs and metrics',
    'jobs[2].job: missing; expected the job_name of the scrape config (format scrape_configs has one)',
  ],
  'job-without-anything': [
    'jobs[0].from: missing; expected a list of sources, each a zone or a records file',
    'jobs[0].name: missing; expected a name for --job, logs and metrics',
    `jobs[0].select.name: missing; expected a pattern of the names to select, such as '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'`,
    'jobs[0].to: missing; expected a place, or a list of places',
    'jobs[1]: found "federate"; expected a mapping of name, job, from, select, target, labels, also, guard, to',
  ],
  'key-twice': ['line 6: invalid YAML: duplicated mapping key'],
  'labels-no-mapping': [
    'jobs[0].labels: found ["clusterID"]; expected a mapping of label names to text',
  ],
  labels: [
    `jobs[0].labels.empty: found ""; expected text or a template, such as '{label}'`,
    `jobs[0].labels.none: found null; expected text or a template, such as '{label}'`,
    `jobs[0].labels.number: found 5; expected text or a template, such as '{label}'`,
    'jobs[0].labels: found "0a"; expected a label name: letters, digits and _, not starting with a digit',
    'jobs[0].labels: found "cluster-id"; expected a label name: letters, digits and _, not starting with a digit',
  ],
  'list-at-the-top': [
    'the settings: found [{"job":"federate"}]; expected a mapping of cluster, jobs',
  ],
  'long-values': [
    'jobs[0].from[0].zone: found "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"; expected a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
    'jobs[0].from[1].zone: found "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…; expected a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
  ],
  name: ['jobs[0].name: found "a,b"; expected a name without commas'],
  'names-twice': [
    'jobs[1].name: found "federate"; expected another name: jobs[0] has this one',
    'jobs[2].name: found "federate"; expected another name: jobs[0] has this one',
  ],
  'no-jobs': ['jobs: found []; expected at least one job'],
  'not-yaml': ['line 2: invalid YAML: deficient indentation'],
  'one-document-of-two-formats': [
    'jobs[1].to: found "x.yml"; expected another list: jobs[0].to owns this one',
    'jobs[2].to: found "x.yml"; expected another list: jobs[0].to owns this one',
  ],
  'one-file-by-two-names': [
    'jobs[1].to: found "./targets.json"; expected another list: jobs[0].to owns this one',
    'jobs[2].to: found "x/../targets.json"; expected another list: jobs[0].to owns this one',
    'jobs[3].to: found "/etc/federation-sync/targets.json"; expected another list: jobs[0].to owns this one',
  ],
  'one-list-of-two-jobs': [
    'jobs[1].to[1]: found "configmap/m/c:k"; expected another list: jobs[0].to owns this one',
    'jobs[2].to[1]: found "secret/m/c:k"; expected another list: jobs[2].to[0] owns this one',
  ],
  'one-list-twice-in-a-job': [
    'jobs[0].to[1]: found "a.yml"; expected another list: jobs[0].to[0] owns this one',
  ],
  'pattern-missing': [
    `jobs[0].from[1].select.name: missing; expected a pattern of the names to select, such as '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'`,
    `jobs[0].select.name: missing; expected a pattern of the names to select, such as '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'`,
  ],
  'pattern-of-no-text': ['jobs[0].select.name: found 5; expected a regular expression'],
  pattern: [
    'jobs[0].from[0].select.exclude[0]: found "a: \\n("; expected a JavaScript regular expression (Unterminated group)',
    'jobs[0].select.exclude: found "^x"; expected a list of regular expressions',
    'jobs[0].select.name: found "("; expected a JavaScript regular expression (Unterminated group)',
    'jobs[0].select.setIdentifier: found "["; expected a JavaScript regular expression (Unterminated character class)',
    'jobs[0].select.types: found []; expected at least one record type',
  ],
  'prototype-keys': [
    'jobs[0].__proto__: found "__proto__"; expected one of: name, job, from, select, target, labels, also, guard, to',
    'jobs[0].also[0].labels: found "__proto__"; expected another label name',
    'jobs[0].from[0].labels: found "__proto__"; expected another label name',
  ],
  'records-with-role': [
    'jobs[0].from[0].externalId: found "x"; expected no such key with records',
    'jobs[0].from[0].public: found true; expected no such key with records',
    'jobs[0].from[0].roleArn: found "arn:aws:iam::111122223333:role/r"; expected no such key with records',
  ],
  'several-documents': ['must be one YAML document; found 2'],
  'template-of-from': [
    'jobs[0].from[2].labels.b: found "{b}"; expected only {name}, {host}, {label}, {zone}, {a} in braces, not {b}',
    'jobs[0].from[2].target: found "{b}"; expected only {name}, {host}, {label}, {zone}, {a} in braces, not {b}',
    'jobs[0].labels.a: found "{a}"; expected only {name}, {host}, {label}, {zone}, {b} in braces, not {a}',
  ],
  template: [
    'jobs[0].labels.clusterID: found "{clusterID}"; expected only {name}, {host}, {label}, {zone} in braces, not {clusterID}',
    'jobs[0].target: found "{hots}:{port}"; expected only {name}, {host}, {label}, {zone} in braces, not {hots}, {port}',
  ],
  'to-incomplete': [
    'jobs[0].to[0].configMap.key: missing; expected a key of the object, such as prometheus.yml',
    'jobs[0].to[0].configMap.namespace: missing; expected a namespace: lowercase letters, digits and -',
    'jobs[0].to[1].secret.key: found "a/b"; expected a key of the object, such as prometheus.yml',
    `jobs[0].to[1].secret.name: found "a_b"; expected an object name: lowercase letters, digits, - and .`,
    'jobs[0].to[1].secret.namespace: found "Monitoring"; expected a namespace: lowercase letters, digits and -',
    'jobs[0].to[2].file: found ""; expected the path of a file',
    'jobs[0].to[3]: found "prometheus.yml"; expected a mapping of configMap, secret, file, format, create, prometheus',
  ],
  'to-nowhere': [
    'jobs[0].to: missing; expected exactly one of: configMap, secret, file',
    'jobs[1].to[0]: missing; expected exactly one of: configMap, secret, file',
    'jobs[1].to[1]: missing; expected exactly one of: configMap, secret, file',
  ],
  'to-two-places': [
    'jobs[0].to: found "configMap and file"; expected exactly one of: configMap, secret, file',
  ],
  'too-many-values': ['too many values, including those repeated by aliases'],
  types: [
    'jobs[0].select.types[0]: found "cname"; expected a record type in uppercase, such as CNAME',
    'jobs[0].select.types[1]: found 5; expected a record type in uppercase, such as CNAME',
  ],
  'unknown-keys': [
    'cluter: found "cluter"; expected one of: cluster, jobs',
    'jobs[0].form: found "form"; expected one of: name, job, from, select, target, labels, also, guard, to',
    'jobs[0].select.names: found "names"; expected one of: types, name, exclude, setIdentifier',
    'jobs[0].to.formats: found "formats"; expected one of: configMap, secret, file, format, create, prometheus',
  ],
  zone: [
    'jobs[0].from[0].zone: found "internal.example."; expected a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
    'jobs[0].from[1].zone: found 5; expected a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
    `jobs[0].from[2].externalId: found ""; expected the external id that the role's trust policy requires`,
    'jobs[0].from[2].roleArn: found "reader"; expected a role ARN, such as arn:aws:iam::111122223333:role/reader',
  ],
};
