/** The fields of a ScrapeConfig's spec, in the CRD of prometheus-operator 0.85.0; a test compares them. */
export const SCRAPE_CONFIG_FIELDS: ReadonlySet<string> = new Set(
  `authorization azureSDConfigs basicAuth consulSDConfigs convertClassicHistogramsToNHCB
   digitalOceanSDConfigs dnsSDConfigs dockerSDConfigs dockerSwarmSDConfigs ec2SDConfigs
   enableCompression enableHTTP2 eurekaSDConfigs fallbackScrapeProtocol fileSDConfigs gceSDConfigs
   hetznerSDConfigs honorLabels honorTimestamps httpSDConfigs ionosSDConfigs jobName keepDroppedTargets
   kubernetesSDConfigs kumaSDConfigs labelLimit labelNameLengthLimit labelValueLengthLimit
   lightSailSDConfigs linodeSDConfigs metricRelabelings metricsPath nameEscapingScheme
   nameValidationScheme nativeHistogramBucketLimit nativeHistogramMinBucketFactor noProxy
   nomadSDConfigs oauth2 openstackSDConfigs ovhcloudSDConfigs params proxyConnectHeader
   proxyFromEnvironment proxyUrl puppetDBSDConfigs relabelings sampleLimit scalewaySDConfigs scheme
   scrapeClass scrapeClassicHistograms scrapeInterval scrapeProtocols scrapeTimeout staticConfigs
   targetLimit tlsConfig trackTimestampsStaleness`.split(/\s+/),
);
