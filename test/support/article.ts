/** prometheus.yml of the federation server as the article's Helm values have it, without their indentation. */
export const ARTICLE = `rule_files:
  - /etc/config/rules
  - /etc/config/alerts

scrape_configs:
  - job_name: 'federate'
    scrape_interval: 15s

    honor_labels: true
    metrics_path: '/federate'

    params:
      'match[]':
        - '{job="prometheus"}'
        - '{__name__=~"job:.*"}'

    static_configs:
      - targets:
        - 'prometheus-server:80'
`;
