import type { Job, Place } from '../job.ts';
import { fileNameOf } from '../location.ts';
import { openCustomResource } from './custom-resource.ts';
import { openFileSd } from './file-sd.ts';
import type { ListOwner, ManagedList } from './managed-list.ts';
import { openStaticConfigs } from './static-configs.ts';
import { openThanosEndpoints } from './thanos-endpoints.ts';

export type { ListOwner, ManagedList };

/**
 * Opens a document, reads the targets of its list, and can replace them. `given` is undefined where there
 * is no document yet. Pure: no I/O, the same result for the same text.
 *
 * Throws Fault `document-broken`, `document-limits`, `document-unsafe`, `job-missing` or `job-twice`; their
 * messages never quote the document, except for the names of its jobs.
 */
export function openList(given: string | undefined, owner: ListOwner): ManagedList {
  const text = given ?? '';
  switch (owner.format) {
    case 'static_configs':
    case 'scrape_configs':
      return openStaticConfigs(text, owner);
    case 'file_sd':
      return openFileSd(text, owner.json ?? false);
    case 'thanos_endpoints':
      return openThanosEndpoints(text);
    case 'scrape_config':
      return openCustomResource(text);
  }
}

/** How the list of a job in a place is found in its document. */
export function ownerOf({ job }: Job, { format, location }: Place): ListOwner {
  return { format, job, json: fileNameOf(location).endsWith('.json') };
}
