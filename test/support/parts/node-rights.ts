import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const works = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** A kubelet and runc need root of the machine: a user namespace's root may not make device files. */
export const isRoot = () => process.platform === 'linux' && process.geteuid?.() === 0;

/** What node.sh does first. */
export const canUnshare = () =>
  works('unshare', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'true');

export const hasNetworkTools = () => works('ip', '-Version') && works('nsenter', '--version');

/** Every hierarchy of version 1, or the one of version 2. */
export function canWriteCgroups(root = '/sys/fs/cgroup'): boolean {
  try {
    const folders = existsSync(join(root, 'cgroup.controllers'))
      ? [root]
      : readdirSync(root).map((name) => join(root, name));
    for (const folder of folders) accessSync(folder, constants.W_OK);
    return folders.length > 0;
  } catch {
    return false;
  }
}
