/** Settings that validation accepts, by what they show. */
export const goodSettings = {
  'all that can be given': `
cluster:
  eks:
    name: central
    region: eu-west-1
    roleArn: arn:aws:iam::111122223333:role/writer
    externalId: x
    endpoint: https://ABC.gr7.eu-west-1.eks.amazonaws.com
    certificateAuthority: LS0tLS1CRUdJTiBD
jobs:
  - name: eu
    job: federate
    from:
      - zone: /hostedzone/Z08214473FVAJ9QTLWTEC
        public: true
        roleArn: arn:aws:iam::222222222222:role/reader
        externalId: federation-sync
        select: { exclude: ['^old-'], types: [CNAME] }
        target: '{host}:443'
        labels: {}
      - records: zone.json
    select:
      types: [A]
      name: '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'
      exclude: ['^test-']
      setIdentifier: '^(?!.*hibernating)'
    target: '{name}'
    labels: { clusterID: '{clusterID}', zone: '{zone}' }
    also:
      - targets: ['prometheus-server.monitoring:80', 'b:80']
        labels: { clusterID: central }
    guard: { maxRemoved: 5, per: 1d2h3m4s, minTargets: 0, adopt: replace }
    keep: 15m
    to:
      - configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml }
        prometheus: https://prometheus.example.com
      - secret: { namespace: monitoring, name: additional, key: scrape.yml }
        format: scrape_configs
      - configMap: { namespace: monitoring, name: targets, key: targets.json }
        format: file_sd
        create: true
`,
  servers: `
jobs:
  - job: federate
    from: [{ zone: Z1 }]
    select: { name: x }
    to:
      configMap: { namespace: m, name: p, key: prometheus.yml }
      nudge: { pods: 'app.kubernetes.io/name=prometheus,tier in (a, b),!canary' }
      wait: 1m30s
      prometheus:
        - http://a:9090/prometheus
        - url: https://b
          caFile: ca.pem
          bearerToken: { file: token }
        - url: https://c
          basicAuth: { username: sync, password: { env: PASSWORD } }
          reload: true
        - service: { namespace: m, name: prometheus-server, port: 80 }
        - { service: { namespace: m, name: d, port: web, scheme: https, path: /d }, reload: true }
`,
} as const;
