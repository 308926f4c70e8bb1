import { load } from 'js-yaml';
import { openList } from '../document/document.ts';
import { Fault } from '../fault.ts';
import type { Target } from '../target.ts';
import { baseName, type ListIdentity, type PoolTargets } from './server.ts';

/**
 * The scrape pools (named like their jobs) that read a list. undefined: the configuration does not show it, and
 * all of them must be searched.
 *
 *     static_configs, scrape_configs   the job's
 *     file_sd                          those whose `files` match the name; else the job's; else undefined
 */
export function poolsOf(
  yaml: string,
  { format, job, fileName }: ListIdentity,
): string[] | undefined {
  if (format !== 'file_sd') return [job];
  const readers = fileReaders(yaml);
  const byFile = readers.filter(({ files }) => files.some((file) => fits(file, fileName)));
  if (byFile.length > 0) return byFile.map(({ name }) => name);
  return readers.some(({ name }) => name === job) ? [job] : undefined;
}

/** The list as the loaded configuration has it, which shows only the jobs of prometheus.yml; else undefined. */
export function configuredList(
  yaml: string,
  { format, job }: ListIdentity,
): readonly Target[] | undefined {
  if (format === 'file_sd') return undefined;
  try {
    return openList(yaml, { format: 'static_configs', job }).targets;
  } catch (error) {
    if (error instanceof Fault && error.code === 'job-missing') return undefined;
    throw error;
  }
}

/** The same; targets from files of targets, or of scrape configs, show in the targets API. */
export function loadedList(
  yaml: string,
  asked: ListIdentity,
  pool: PoolTargets,
): readonly Target[] {
  const { format, fileName } = asked;
  return (
    configuredList(yaml, asked) ?? discovered(pool, format === 'file_sd' ? fileName : undefined)
  );
}

/** Targets as discovery found them, each once. */
function discovered({ active, dropped }: PoolTargets, fileName: string | undefined): Target[] {
  const found = new Map<string, Target>();
  for (const { discoveredLabels, scrapePool } of [...active, ...dropped]) {
    const { __address__: address = '', __meta_filepath: file } = discoveredLabels;
    if (fileName !== undefined && (file === undefined || baseName(file) !== fileName)) continue;
    const labels = Object.entries(discoveredLabels).filter(
      ([name, value]) => !name.startsWith('__') && !(name === 'job' && isJob(value, scrapePool)),
    );
    const target = { address, labels: Object.fromEntries(labels) };
    found.set(JSON.stringify([address, labels.sort()]), target);
  }
  return [...found.values()];
}

/** Prometheus adds the label itself. 2.42 does not report which pool dropped a target. */
function isJob(value: string, pool: string | undefined): boolean {
  return pool === undefined || value === pool;
}

/** Jobs with file_sd_configs, and their globs. */
function fileReaders(yaml: string): { name: string; files: string[] }[] {
  const config = load(yaml) as {
    scrape_configs?: { job_name: string; file_sd_configs?: { files?: string[] }[] }[];
  } | null;
  return (config?.scrape_configs ?? [])
    .filter(({ file_sd_configs }) => file_sd_configs !== undefined)
    .map(({ job_name, file_sd_configs = [] }) => ({
      name: job_name,
      files: file_sd_configs.flatMap(({ files = [] }) => files),
    }));
}

/** Only the last part of the path may hold a `*`. */
function fits(glob: string, fileName: string): boolean {
  const parts = baseName(glob)
    .split('*')
    .map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.*')}$`).test(fileName);
}
