import { readFile } from 'node:fs/promises';
import { Fault, withRemedy } from '../fault.ts';
import type { Place, Settings } from '../job.ts';

/** Settings with the texts of their templates. Throws Fault `settings-missing` where one cannot be read. */
export async function withTemplates(settings: Settings): Promise<Settings> {
  const read = async (place: Place): Promise<Place> => {
    if (!place.template) return place;
    const { path } = place.template;
    try {
      return { ...place, template: { path, text: await readFile(path, 'utf8') } };
    } catch (error) {
      throw withRemedy(
        unreadable(`the template ${path}`, error),
        'Check its path, which is relative to the settings file.',
      );
    }
  };
  const jobs = settings.jobs.map(async (job) => ({
    ...job,
    to: await Promise.all(job.to.map(read)),
  }));
  return { ...settings, jobs: await Promise.all(jobs) };
}

export function unreadable(what: string, error: unknown): Fault {
  const { code } = error as NodeJS.ErrnoException;
  return new Fault('settings-missing', `${what} cannot be read (${code})`, { cause: error });
}
