import { groupsOf, namesIn, standardNames } from '../targets/template.ts';

/** A fault of the settings: where, what stands there, and what may. */
export interface SettingsFault {
  readonly path: readonly (string | number)[];
  /** undefined: nothing stands there. */
  readonly found: unknown;
  readonly expected: string;
}

type Path = readonly (string | number)[];
type Report = (path: Path, found: unknown, expected: string) => void;

/**
 * What no single value shows: exactly one of several keys, templates against the groups of the pattern that
 * applies, names and lists that are there once. It looks at settings of any shape, so that these faults are
 * told together with those of the shape, and passes over what it does not understand.
 */
export function crossCheck(raw: unknown): SettingsFault[] {
  const faults: SettingsFault[] = [];
  const report: Report = (path, found, expected) => faults.push({ path, found, expected });
  const settings = asMap(raw);
  if (settings.cluster !== undefined) {
    oneOf(settings.cluster, ['eks', 'kubeconfig', 'inCluster'], ['cluster'], report);
  }
  asList(settings.jobs).forEach((job, i) => {
    checkJob(asMap(job), ['jobs', i], report);
  });
  checkNames(asList(settings.jobs), report);
  checkLists(asList(settings.jobs), report);
  return faults;
}

function checkJob(job: Mapping, path: Path, report: Report): void {
  asList(job.from).forEach((from, i) => {
    const at = [...path, 'from', i];
    oneOf(from, ['zone', 'records'], at, report);
    const { records, roleArn, externalId, public: isPublic } = asMap(from);
    if (records !== undefined) {
      for (const [key, found] of Object.entries({ roleArn, externalId, public: isPublic })) {
        if (found !== undefined)
          report([...at, key], found, 'nothing: a records file needs no such thing');
      }
    }
    checkTemplates(job, asMap(from), path, at, report);
  });
  const places = asList(job.to).map(asMap);
  places.forEach((place, i) => {
    const at = [...path, 'to', i];
    oneOf(place, ['configMap', 'secret', 'file'], at, report);
    const format = formatOf(place);
    if (place.create === true && format !== 'file_sd' && format !== 'thanos_endpoints') {
      report(
        [...at, 'create'],
        true,
        `no create with format ${format}: only a document that is all ours is created`,
      );
    }
    if (isJobFormat(format) && job.job === undefined) {
      report(
        [...path, 'job'],
        undefined,
        `the job_name whose list this is (format ${format} has one)`,
      );
    }
  });
  if (
    job.name === undefined &&
    job.job === undefined &&
    !places.some((place) => isJobFormat(formatOf(place)))
  ) {
    report([...path, 'name'], undefined, 'a name for --job, logs and metrics');
  }
}

/** `from` may carry its own select, target and labels over the job's. */
function checkTemplates(
  job: Mapping,
  from: Mapping,
  jobPath: Path,
  fromPath: Path,
  report: Report,
): void {
  const own = asMap(from.select).name;
  const pattern = own ?? asMap(job.select).name;
  if (pattern === undefined) {
    report(
      [...(from.select === undefined ? jobPath : fromPath), 'select', 'name'],
      undefined,
      "a pattern of the names that are meant, such as '^(?<clusterID>[^.]+)\\.prometheus\\.internal$'",
    );
    return;
  }
  const groups = groupsOrNone(pattern);
  if (!groups) return;
  const known = new Set<string>([...standardNames, ...groups]);
  const check = (template: unknown, at: Path) => {
    if (typeof template !== 'string') return;
    const unknown = namesIn(template).filter((name) => !known.has(name));
    if (unknown.length > 0) {
      report(
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

function checkNames(jobs: readonly unknown[], report: Report): void {
  const seen = new Map<unknown, number>();
  jobs.forEach((job, i) => {
    const { name, job: jobName } = asMap(job);
    const key = name ?? jobName;
    if (key === undefined) return;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, i);
    else report(['jobs', i, 'name'], key, `another name: jobs[${first}] has this one`);
  });
}

/** Two jobs that own the same list would undo each other's work for ever. */
function checkLists(jobs: readonly unknown[], report: Report): void {
  const owners = new Map<string, { at: string; list: string }>();
  jobs.forEach((job, i) => {
    asList(asMap(job).to).forEach((to, k) => {
      const place = asMap(to);
      const location = locationText(place);
      if (location === undefined) return;
      const format = formatOf(place);
      const at = `jobs[${i}].to[${k}]`;
      const list = isJobFormat(format) ? `${format} ${JSON.stringify(asMap(job).job)}` : format;
      const other = [...owners].find(
        ([key, owner]) =>
          key.startsWith(`${location} `) &&
          (owner.list === list || !isJobFormat(format) || owner.list.split(' ')[0] !== format),
      );
      if (other) {
        report(
          ['jobs', i, 'to', k],
          location,
          `another list or place: ${other[1].at} owns this one`,
        );
      }
      owners.set(`${location} ${at}`, { at, list });
    });
  });
}

function locationText(place: Mapping): string | undefined {
  for (const kind of ['configMap', 'secret']) {
    const { namespace, name, key } = asMap(place[kind]);
    if (name !== undefined) return `${kind} ${namespace}/${name}:${key}`;
  }
  return typeof place.file === 'string' ? `file ${place.file.replace(/^\.\//, '')}` : undefined;
}

function oneOf(value: unknown, keys: readonly string[], path: Path, report: Report): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const there = keys.filter((key) => asMap(value)[key] !== undefined);
  if (there.length === 1) return;
  report(
    path,
    there.length === 0 ? undefined : there.join(' and '),
    `exactly one of: ${keys.join(', ')}`,
  );
}

function groupsOrNone(pattern: unknown): string[] | undefined {
  if (typeof pattern !== 'string') return undefined;
  try {
    return groupsOf(pattern);
  } catch {
    return undefined; // the shape check says so
  }
}

function formatOf(place: Mapping): string {
  return typeof place.format === 'string' ? place.format : 'static_configs';
}

function isJobFormat(format: string): boolean {
  return format === 'static_configs' || format === 'scrape_configs';
}

type Mapping = Readonly<Record<string, unknown>>;

function asMap(value: unknown): Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Mapping)
    : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
