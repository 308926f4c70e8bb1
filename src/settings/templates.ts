import { readFileSync } from 'node:fs';
import { Fault, withRemedy } from '../fault.ts';
import type { Place, Settings } from '../job.ts';

/** Settings with the texts of their templates. Throws Fault `settings-missing` where one cannot be read. */
export function withTemplates(settings: Settings): Settings {
  const read = (place: Place): Place => {
    if (!place.template) return place;
    const { path } = place.template;
    try {
      return { ...place, template: { path, text: readFileSync(path, 'utf8') } };
    } catch (error) {
      throw withRemedy(
        unreadable(`the template ${path}`, error),
        'Check its path, which is relative to the settings file.',
      );
    }
  };
  return {
    ...settings,
    jobs: settings.jobs.map((job) => ({ ...job, to: job.to.map(read) })),
  };
}

export function unreadable(what: string, error: unknown): Fault {
  const { code } = error as NodeJS.ErrnoException;
  return new Fault('settings-missing', `${what} cannot be read (${code})`, { cause: error });
}
