import { CORE_SCHEMA, loadAll, mergeTag } from 'js-yaml';
import { openList } from '../../document/document.ts';
import { asFault, Fault } from '../../fault.ts';
import type { Format } from '../../formats.ts';
import type { Target } from '../../target.ts';

/** The lists in a document. */
export interface DocumentJobs {
  readonly format: Format;
  /** In the order of the document; one, named '', where the document holds only the list. */
  readonly jobs: readonly { readonly job: string; readonly targets: readonly Target[] | Fault }[];
}

/**
 * Detects the format of a document, and the lists in it.
 *
 *     a mapping with scrape_configs      static_configs
 *     a list of mappings with job_name   scrape_configs
 *     any other list, or nothing         file_sd
 *     a mapping with endpoints           thanos_endpoints
 *
 * @throws Fault `document-broken`
 */
export function jobsOf(text: string, json: boolean): DocumentJobs {
  const document = parse(text);
  if (Array.isArray(document) && document.some((item) => jobName(item) !== undefined)) {
    return listsOf(text, 'scrape_configs', document);
  }
  if (Array.isArray(document) || document === null || document === undefined) {
    return { format: 'file_sd', jobs: [list(text, 'file_sd', '', json)] };
  }
  if (typeof document === 'object' && 'endpoints' in document) {
    return { format: 'thanos_endpoints', jobs: [list(text, 'thanos_endpoints', '', json)] };
  }
  const configs = (document as { scrape_configs?: unknown }).scrape_configs;
  return listsOf(text, 'static_configs', Array.isArray(configs) ? configs : []);
}

/** The list of a ScrapeConfig of the Prometheus Operator. */
export function scrapeConfigOf(text: string): DocumentJobs {
  return { format: 'scrape_config', jobs: [list(text, 'scrape_config', '', false)] };
}

function listsOf(text: string, format: Format, configs: readonly unknown[]): DocumentJobs {
  const names = configs.map(jobName).filter((name) => name !== undefined);
  return { format, jobs: [...new Set(names)].map((job) => list(text, format, job, false)) };
}

function list(text: string, format: Format, job: string, json: boolean) {
  try {
    return { job, targets: openList(text, { format, job, json }).targets };
  } catch (error) {
    return { job, targets: asFault(error) };
  }
}

function jobName(config: unknown): string | undefined {
  const name = (config as { job_name?: unknown } | null)?.job_name;
  return name === undefined || name === null ? undefined : String(name);
}

function parse(text: string): unknown {
  try {
    // `load` throws for an empty document.
    return loadAll(text, { schema: CORE_SCHEMA.withTags(mergeTag) })[0];
  } catch {
    // The exception quotes the text, so it is not kept as the cause.
    throw new Fault('document-broken', 'The document is not valid YAML.');
  }
}
