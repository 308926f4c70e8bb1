import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeAddress } from './process.ts';

/*
 * Programs in Go take their DNS server from /etc/resolv.conf, always on port 53, and nothing but that file
 * tells them another. So such a program gets a mount namespace of its own, in which that one file is ours,
 * and the server's answers are available on port 53 of a separate address.
 */

export interface StandardPort {
  /** A loopback address; the server answers UDP queries to its port 53. */
  readonly host: string;
  stop(): Promise<void>;
}

/** named listens on addresses that some interface lists, of which loopback has one only. So this passes on. */
export async function onStandardPort(server: { port: number }): Promise<StandardPort> {
  const host = await freeAddress(53);
  const front = createSocket('udp4');
  front.on('message', (question, client) => {
    const back = createSocket('udp4');
    const patience = setTimeout(() => back.close(), 2_000);
    back.once('close', () => clearTimeout(patience));
    back.once('error', () => back.close());
    back.once('message', (answer) => {
      if (listening) front.send(answer, client.port, client.address);
      back.close();
    });
    back.send(question, server.port, '127.0.0.1');
  });
  let listening = true;
  front.bind(53, host);
  await once(front, 'listening');
  return {
    host,
    async stop() {
      listening = false;
      front.close();
      await once(front, 'close');
    },
  };
}

/** The command that runs `command` so that all its names are asked at that address. */
export function askingOnly(resolver: string, folder: string, command: string[]): string[] {
  const file = join(folder, 'resolv.conf');
  writeFileSync(file, `nameserver ${resolver}\noptions timeout:1 attempts:2\n`);
  return [...(namespace() ?? []), 'sh', '-c', `${mount} && exec "$@"`, file, ...command];
}

const mount = 'mount --bind "$0" /etc/resolv.conf';
let found: { command: string[] | undefined } | undefined;

/** How to get a mount namespace here: as root, or as a user who is root in it. */
function namespace(): string[] | undefined {
  found ??= {
    command: [[], ['--map-root-user']]
      .map((flags) => ['unshare', '--mount', ...flags])
      .find(([command = '', ...flags]) => {
        const args = [...flags, 'sh', '-c', mount, '/dev/null'];
        return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
      }),
  };
  return found.command;
}

/** Whether this process may do so, and may listen on port 53 for the server's part. */
export function canChooseResolver(): boolean {
  return mayListenBelow1024() && namespace() !== undefined;
}

/** Root's capability, or a system that reserves no port. See capabilities(7), CAP_NET_BIND_SERVICE. */
function mayListenBelow1024(): boolean {
  const bindService = 1n << 10n;
  try {
    const effective = /^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (BigInt(`0x${effective}`) & bindService) return true;
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')) <= 53;
  } catch {
    return false;
  }
}
