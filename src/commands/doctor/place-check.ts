import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../../fault.ts';
import type { Job, Place } from '../../job.ts';
import type { LiveLists } from '../../live-lists.ts';
import { locationText, objectText } from '../../location.ts';
import { asObject, bytesOf, isPaused, managedJobs } from '../../objects/kubernetes/object.ts';
import { isAdopted, largestOf } from '../../objects/objects.ts';
import { count } from '../../wording.ts';
import { type Finding, failure, fromError, ok, warning } from './finding.ts';
import { checkFieldOwner, checkOwner, type Metadata } from './owner.ts';

/** The list itself: document, key and job exist, and can be edited. */
export async function checkList(job: Job, place: Place, lists: LiveLists): Promise<Finding[]> {
  const about = `${job.name} in ${locationText(place.location)}`;
  const list = await lists.read(job, place);
  if (list instanceof Fault) return [fromError(about, list)];
  const { snapshot, targets, text } = list;
  if (text === undefined) return [ok(about, 'no list yet: the first sync creates it')];
  const held = `the list has ${count(targets.length, 'target')}`;
  if (snapshot.paused) {
    const remedy = 'To resume, remove the annotation route53-federation-sync/paused.';
    return [warning(about, `${held} and is paused: no sync changes it`, remedy)];
  }
  if (isAdopted(snapshot, job.name)) return [ok(about, held)];
  const first =
    job.guard.adopt === 'replace' ? 'may remove (adopt: replace)' : 'refuses to remove any';
  return [ok(about, `${held}; not adopted yet: the first sync ${first}`)];
}

/** The object around the list. */
export function checkObject(body: unknown, place: Place): Finding[] {
  const { location } = place;
  if (location.kind === 'file') return [];
  const about = objectText(location);
  const object = asObject(body, location);
  if (!object) return [];
  const { immutable } = body as { immutable?: boolean };
  const findings: Finding[] = [];
  if (immutable) {
    const remedy =
      'Recreate the object without immutable: true; Kubernetes allows no change to its data.';
    findings.push(failure(about, 'it is immutable', remedy));
  }
  findings.push(checkRoom(about, bytesOf(object, location), largestOf(location)));
  const metadata = object.metadata as Metadata;
  findings.push(
    ...('key' in location
      ? checkOwner(about, metadata, location.key, place.format)
      : checkFieldOwner(about, metadata)),
  );
  const jobs = managedJobs(object);
  const paused = isPaused(object) ? '; paused' : '';
  findings.push(
    ok(about, jobs ? `adopted for ${jobs.join(', ')}${paused}` : `not adopted${paused}`),
  );
  return findings;
}

function checkRoom(about: string, bytes: number, largest: number): Finding {
  const message = `${bytes} of ${largest} bytes used`;
  if (bytes < largest * 0.8) return ok(about, message);
  return warning(
    about,
    message,
    'Split the list over several jobs or places, or use format: file_sd in a separate object.',
  );
}

/** A file and its directory, which must be writable: the file is replaced, not overwritten. */
export async function checkFile({ location, create }: Place): Promise<Finding[]> {
  if (location.kind !== 'file') return [];
  const about = locationText(location);
  const mayWrite = (path: string) =>
    access(path, constants.W_OK).then(
      () => true,
      () => false,
    );
  const exists = existsSync(location.path);
  if (!exists && !create) return [];
  const paths = [...(exists ? [location.path] : []), dirname(location.path)];
  const writable = await Promise.all(paths.map(mayWrite));
  const closed = paths.filter((_, i) => !writable[i]);
  if (closed.length === 0) return [ok(about, 'is writable')];
  return [
    failure(about, `no permission to write ${closed.join(' and ')}`, 'Change its permissions.'),
  ];
}
