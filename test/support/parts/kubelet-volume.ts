import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { removeFolder, temporaryFolder } from './process.ts';

/**
 * A folder that changes as a kubelet's ConfigMap or Secret volume does (its AtomicWriter):
 *
 *     ..2026_11_23_02_40_11.aB3xYz/prometheus.yml    the data, never changed in place
 *     ..data -> ..2026_11_23_02_40_11.aB3xYz         swapped by one rename
 *     prometheus.yml -> ..data/prometheus.yml        what the container opens
 *
 * A reader therefore sees all keys of one version, and a watcher on the file itself sees nothing.
 * A real kubelet lags a minute or two behind the object; here `update` is the moment.
 */
export interface KubeletVolume {
  readonly folder: string;
  /** The path by which a container would open that key. */
  path(key: string): string;
  /** Makes these the volume's keys and texts. Equal data changes nothing, as with the kubelet. */
  update(data: Record<string, string>): void;
  remove(): void;
}

export function createKubeletVolume(data: Record<string, string> = {}): KubeletVolume {
  const folder = temporaryFolder('volume');
  const at = (name: string) => join(folder, name);
  const volume: KubeletVolume = {
    folder,
    path: at,
    update: (next) => swap(at, next),
    remove: () => removeFolder(folder),
  };
  volume.update(data);
  return volume;
}

function swap(at: (name: string) => string, data: Record<string, string>): void {
  const before = existsSync(at('..data')) ? readlinkSync(at('..data')) : undefined;
  if (before !== undefined && holds(at(before), data)) return;

  const stamp = new Date().toISOString().slice(0, 19).replace(/[-:T]/g, '_');
  const fresh = mkdtempSync(at(`..${stamp}.`));
  for (const [key, text] of Object.entries(data)) writeFileSync(join(fresh, key), text);

  // rename() replaces the old link in one step; creating it again would leave a gap.
  symlinkSync(basename(fresh), at('..data_tmp'));
  renameSync(at('..data_tmp'), at('..data'));

  const links = readdirSync(at('')).filter((entry) => !entry.startsWith('..'));
  for (const key of Object.keys(data)) {
    if (!links.includes(key)) symlinkSync(join('..data', key), at(key));
  }
  for (const key of links) if (!(key in data)) rmSync(at(key));
  if (before !== undefined) rmSync(at(before), { recursive: true });
}

function holds(folder: string, data: Record<string, string>): boolean {
  const keys = readdirSync(folder);
  return (
    keys.length === Object.keys(data).length &&
    keys.every((key) => readFileSync(join(folder, key), 'utf8') === data[key])
  );
}
