/** How a list is written in its document. */
export type Format = (typeof formats)[number];

export const formats = ['static_configs', 'file_sd', 'scrape_configs', 'thanos_endpoints'] as const;

/** The document holds scrape configs, and the list is that of one job_name. */
export function hasJobs(format: string): format is 'static_configs' | 'scrape_configs' {
  return format === 'static_configs' || format === 'scrape_configs';
}

/** The document holds only the list: it is rendered as a whole, may be created, and needs no reload. */
export function isWhollyOurs(format: string): format is 'file_sd' | 'thanos_endpoints' {
  return format === 'file_sd' || format === 'thanos_endpoints';
}
