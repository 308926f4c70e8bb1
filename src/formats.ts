/** How a list is written in its document. A ScrapeConfig has a format of its own, which no setting names. */
export type Format = (typeof formats)[number] | 'scrape_config';

export const formats = ['static_configs', 'file_sd', 'scrape_configs', 'thanos_endpoints'] as const;

/** The document holds scrape configs, and the list is that of one job_name. */
export function hasJobs(format: string): format is 'static_configs' | 'scrape_configs' {
  return format === 'static_configs' || format === 'scrape_configs';
}

/** The document holds only the list: it is rendered as a whole, may be created, and needs no reload. */
export function isWhollyOurs(format: string): format is 'file_sd' | 'thanos_endpoints' {
  return format === 'file_sd' || format === 'thanos_endpoints';
}

/** A group of spec.staticConfigs of a ScrapeConfig. */
export interface StaticConfig {
  readonly targets: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * A ScrapeConfig as JSON, with each group of its list on a line of its own. The same for the same content, in any
 * order of its keys.
 */
export function resourceText(resource: object): string {
  const { spec, ...rest } = resource as { readonly spec?: Readonly<Record<string, unknown>> };
  const { staticConfigs, ...others } = spec ?? {};
  const groups = ((staticConfigs ?? []) as readonly StaticConfig[]).map(
    ({ targets, labels = {} }) => {
      const names = Object.keys(labels).sort();
      const sorted = Object.fromEntries(names.map((name) => [name, labels[name]]));
      return JSON.stringify({ targets, ...(names.length > 0 && { labels: sorted }) });
    },
  );
  const list = groups.length === 0 ? '[]' : `[\n${groups.join(',\n')}\n]`;
  const head = JSON.stringify({ ...rest, spec: others }).slice(0, -2);
  return `${head}${Object.keys(others).length > 0 ? ',' : ''}"staticConfigs":${list}}}\n`;
}

/** The list of such a text alone: what is compared where the rest may differ, as a template's does from its object's. */
export function listText(text: string): string {
  const { spec } = JSON.parse(text) as { readonly spec: { readonly staticConfigs: unknown } };
  return resourceText({ spec: { staticConfigs: spec.staticConfigs } });
}
