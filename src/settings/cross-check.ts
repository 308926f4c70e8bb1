import { hasJobs } from '../formats.ts';
import { CLUSTER_LABEL } from '../job.ts';
import { groupsOf, namesIn, standardNames } from '../targets/template.ts';
import { durationOf, isDuration } from '../wording.ts';
import {
  type AddFault,
  asList,
  asMap,
  formatOf,
  isMap,
  type Mapping,
  ONE_OF,
  oneOf,
  type Path,
  type SettingsFault,
} from './raw.ts';
import { checkReach } from './reach-check.ts';

export interface CrossCheckOptions {
  /** A path as messages write it. */
  readonly pathText: (path: Path) => string;
  /** A path of a file, relative to the settings' own. */
  readonly absolute: (file: string) => string;
}

/**
 * Checks across values: exactly one of several keys, templates against the groups of the pattern that applies,
 * unique names and lists. It accepts settings of any shape, so that these faults are reported together with
 * those of the shape, and ignores what it does not understand.
 */
export function crossCheck(raw: unknown, options: CrossCheckOptions): SettingsFault[] {
  const faults: SettingsFault[] = [];
  const addFault: AddFault = (path, found, expected) => faults.push({ path, found, expected });
  const settings = asMap(raw);
  oneOf(settings.cluster, ONE_OF.cluster, ['cluster'], addFault);
  checkRole(asMap(settings.cluster).eks, ['cluster', 'eks'], addFault);
  asList(settings.jobs).forEach((job, i) => {
    if (isMap(job)) checkJob(job, ['jobs', i], addFault);
  });
  checkNames(asList(settings.jobs), addFault);
  checkLists(asList(settings.jobs), addFault, options);
  return faults;
}

/** Keys of a source that only a zone has. */
export const OF_ZONES = ['roleArn', 'externalId', 'public'] as const;

function checkJob(job: Mapping, path: Path, addFault: AddFault): void {
  const hasOnlyAlso = asList(job.also).length > 0 && job.select === undefined;
  if (job.from === undefined && !hasOnlyAlso) {
    addFault([...path, 'from'], undefined, 'a list of sources, or only also, without select');
  }
  if (asList(job.from).length === 0 && !(job.from === undefined && hasOnlyAlso)) {
    checkTemplates(job, {}, path, path, addFault);
  }
  asList(job.from).forEach((from, i) => {
    const at = [...path, 'from', i];
    oneOf(from, ONE_OF.from, at, addFault);
    if (asMap(from).records === undefined) checkRole(from, at, addFault);
    else {
      for (const key of OF_ZONES) {
        const found = asMap(from)[key];
        if (found !== undefined) addFault([...at, key], found, 'no such key with records');
      }
    }
    checkTemplates(job, asMap(from), path, at, addFault);
  });
  checkExpect(job, path, addFault);
  const places = asList(job.to).map(asMap);
  checkMemory(job, places, path, addFault);
  places.forEach((place, i) => {
    if (!isMap(asList(job.to)[i])) return;
    const at = [...path, 'to', i];
    oneOf(place, ONE_OF.place, at, addFault);
    if (place.scrapeConfig !== undefined && place.format !== undefined) {
      addFault([...at, 'format'], place.format, 'nothing: a ScrapeConfig has its own format');
    }
    checkReach(place, at, addFault);
    const format = formatOf(place);
    checkCreate(place, format, at, addFault);
    if (hasJobs(format) && job.job === undefined) {
      addFault(
        [...path, 'job'],
        undefined,
        `the job_name of the scrape config (format ${format} has one)`,
      );
    }
  });
  if (
    job.name === undefined &&
    job.job === undefined &&
    !places.some((place) => hasJobs(formatOf(place)))
  ) {
    addFault([...path, 'name'], undefined, 'a name for --job, logs and metrics');
  }
}

/** A document with more than the list needs a template, where it may be created at all. */
function checkCreate(place: Mapping, format: string, at: Path, addFault: AddFault): void {
  const { create, template } = place;
  const isTemplated = create === true && ['scrape_configs', 'scrape_config'].includes(format);
  if (create === true && format === 'static_configs') {
    addFault(
      [...at, 'create'],
      true,
      `no create with format ${format}: the document is the server's`,
    );
  }
  if (isTemplated !== (template !== undefined)) {
    const expected = isTemplated
      ? `a file with the ${format === 'scrape_config' ? 'ScrapeConfig' : 'scrape configs'} to write first`
      : 'no template without create: true and format: scrape_configs or scrapeConfig';
    addFault([...at, 'template'], template, expected);
  }
}

/** What was removed, and what is kept, is remembered in an annotation, which a file does not have. */
function checkMemory(
  job: Mapping,
  places: readonly Mapping[],
  path: Path,
  addFault: AddFault,
): void {
  if (!places.some(({ file }) => file !== undefined)) return;
  const { per } = asMap(job.guard);
  const given = [
    [['guard', 'per'], per],
    [['keep'], job.keep],
  ] as const;
  for (const [at, found] of given) {
    // The shape check reports what is no duration.
    if (typeof found === 'string' && isDuration(found) && durationOf(found) > 0) {
      addFault([...path, ...at], found, '0s, or nothing: a file has no memory of past runs');
    }
  }
}

/** Its clusters are compared with a label, which each source must set; it does by default. */
function checkExpect(job: Mapping, path: Path, addFault: AddFault): void {
  if (job.expect === undefined) return;
  asList(job.expect).forEach((source, i) => {
    const at = [...path, 'expect', i];
    oneOf(source, ONE_OF.expect, at, addFault);
    checkRole(asMap(source).eks, [...at, 'eks'], addFault);
  });
  const check = (labels: unknown, at: Path) => {
    if (!isMap(labels) || labels[CLUSTER_LABEL] !== undefined) return;
    addFault([...at, 'labels'], labels, `a label ${CLUSTER_LABEL}, which expect is compared with`);
  };
  const froms = asList(job.from).map(asMap);
  for (const [i, { labels }] of froms.entries()) check(labels, [...path, 'from', i]);
  if (froms.some(({ labels }) => labels === undefined)) check(job.labels, path);
}

function checkRole(value: unknown, path: Path, addFault: AddFault): void {
  const { roleArn, externalId } = asMap(value);
  if (externalId !== undefined && roleArn === undefined) {
    addFault([...path, 'roleArn'], undefined, 'the role that the external id is for');
  }
}

/** select, target and labels of a `from` override the job's. */
function checkTemplates(
  job: Mapping,
  from: Mapping,
  jobPath: Path,
  fromPath: Path,
  addFault: AddFault,
): void {
  const own = asMap(from.select).name;
  const pattern = own ?? asMap(job.select).name;
  if (pattern === undefined) {
    addFault(
      [...(from.select === undefined ? jobPath : fromPath), 'select', 'name'],
      undefined,
      "a pattern of the names to select, such as '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'",
    );
    return;
  }
  const groups = groupsOrNone(pattern);
  if (!groups) return;
  const taken = groups.filter((group) => standardNames.some((name) => name === group));
  if (taken.length > 0) {
    const at = own === undefined ? jobPath : fromPath;
    const names = standardNames.join('}, {');
    addFault([...at, 'select', 'name'], pattern, `other group names: {${names}} are predefined`);
  }
  const known = new Set<string>([...standardNames, ...groups]);
  const check = (template: unknown, at: Path) => {
    if (typeof template !== 'string') return;
    const unknown = namesIn(template).filter((name) => !known.has(name));
    if (unknown.length > 0) {
      addFault(
        at,
        template,
        `only {${[...known].join('}, {')}} in braces, not {${unknown.join('}, {')}}`,
      );
    }
  };
  for (const key of ['target', 'labels'] as const) {
    const [value, at] =
      from[key] === undefined ? [job[key], [...jobPath, key]] : [from[key], [...fromPath, key]];
    if (key === 'target') check(value, at);
    else
      for (const [label, template] of Object.entries(asMap(value))) check(template, [...at, label]);
  }
}

function checkNames(jobs: readonly unknown[], addFault: AddFault): void {
  const seen = new Map<unknown, number>();
  jobs.forEach((job, i) => {
    const { name, job: jobName } = asMap(job);
    const key = name ?? jobName;
    if (key === undefined) return;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, i);
    else addFault(['jobs', i, 'name'], key, `another name: jobs[${first}] has this one`);
  });
}

/** Two jobs that own the same list would keep undoing each other's changes. */
function checkLists(
  jobs: readonly unknown[],
  addFault: AddFault,
  { pathText, absolute }: CrossCheckOptions,
): void {
  const owners: { at: Path; location: string; format: string; job: unknown }[] = [];
  jobs.forEach((raw, i) => {
    const { job, to } = asMap(raw);
    asList(to).forEach((value, k) => {
      const place = asMap(value);
      const location = locationText(place, absolute);
      if (location === undefined) return;
      const list = { at: ['jobs', i, 'to', k], location, format: formatOf(place), job };
      // A document with scrape configs holds one list per job; any other holds one list.
      const other = owners.find(
        (owner) =>
          owner.location === location &&
          (owner.format !== list.format || owner.job === job || !hasJobs(list.format)),
      );
      if (other) {
        const found = place.file ?? location;
        addFault(list.at, found, `another list: ${pathText(other.at)} owns this one`);
      }
      owners.push(list);
    });
  });
}

function locationText(place: Mapping, absolute: (file: string) => string): string | undefined {
  for (const kind of ['configMap', 'secret', 'scrapeConfig']) {
    const { namespace, name, key } = asMap(place[kind]);
    const object = `${kind.toLowerCase()}/${namespace}/${name}`;
    if (name !== undefined) return kind === 'scrapeConfig' ? object : `${object}:${key}`;
  }
  return typeof place.file === 'string' ? absolute(place.file) : undefined;
}

function groupsOrNone(pattern: unknown): string[] | undefined {
  if (typeof pattern !== 'string') return undefined;
  try {
    return groupsOf(pattern);
  } catch {
    return undefined; // the shape check reports it
  }
}
