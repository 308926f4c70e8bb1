import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real part's process, with the folder that belongs to it. */
export interface Running {
  readonly pid: number;
  /** What it has printed on both streams, the last 200 kB of it. */
  output(): string;
  /** True until it has ended, for whatever reason. */
  alive(): boolean;
  signal(name: NodeJS.Signals): void;
  /** Settles when it has ended by itself or was stopped. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** SIGTERM, after five seconds SIGKILL, and its folder is removed. May be called twice. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** A folder made by temporaryFolder(), removed when the process ends. */
  folder: string;
  /** On top of this process's own environment, or instead of it when `bareEnv` is set. */
  env?: NodeJS.ProcessEnv;
  bareEnv?: boolean;
  /** Default: the folder. */
  cwd?: string;
  /** For sh: removes what the part leaves on this machine, if this process is killed and cannot do it itself. */
  cleanUp?: string;
  onOutput?(chunk: string): void;
}

const outputLimit = 200_000;
const running = new Set<ChildProcess>();
const folders = new Set<string>();

// A part must not outlive its test. This hook serves the ordinary end; the watch below serves a test
// process that is killed and runs no hooks, which is how vitest ends its workers.
process.on('exit', () => {
  for (const child of running) killGroup(child);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

// The shell becomes the part, so that signals and the process id are the part's own; what it leaves
// behind in the part's process group waits for the end of a pipe that the test process holds.
const watch = `
exec 3<&0 </dev/null
( cat <&3; kill -KILL $$; sh -c "$PART_CLEAN_UP"; rm -rf -- "$PART_FOLDER"; kill -KILL -- -$$ ) >/dev/null 2>&1 &
exec "$@" 3<&-`;

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** Starts a program in a process group of its own. Whether it is ready is for `until` to find out. */
export function start(command: string, args: string[], options: StartOptions): Running {
  const child = spawn('sh', ['-c', watch, command, command, ...args], {
    cwd: options.cwd ?? options.folder,
    env: {
      ...(options.bareEnv ? { PATH: process.env.PATH } : process.env),
      ...options.env,
      PART_FOLDER: options.folder,
      PART_CLEAN_UP: options.cleanUp ?? '',
    },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    const text = chunk.toString();
    output = (output + text).slice(-outputLimit);
    options.onOutput?.(text);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  // The part never reads its input; the pipe's far end may be gone first.
  child.stdin.on('error', () => {});
  running.add(child);

  let alive = true;
  const ended = new Promise<Awaited<Running['ended']>>((resolve) => {
    child.once('error', (error) => {
      output += `${error}\n`;
      alive = false;
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => {
      alive = false;
      killGroup(child);
      child.stdin.destroy();
      running.delete(child);
      resolve({ code, signal });
    });
  });

  return {
    pid: child.pid ?? -1,
    output: () => output,
    alive: () => alive,
    signal: (name) => void (alive && child.kill(name)),
    ended,
    async stop() {
      if (alive) {
        child.kill('SIGTERM');
        const patience = setTimeout(() => child.kill('SIGKILL'), 5_000);
        await ended;
        clearTimeout(patience);
      }
      removeFolder(options.folder);
    },
  };
}

/**
 * A new folder under the system's temporary one. What start() is given goes with its part; remove any
 * other by removeFolder(), since a killed process removes nothing.
 */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `federation-sync-${name}-`));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.delete(folder);
}

/**
 * A loopback port that was free a moment ago. Taken from below the range that systems give to outgoing
 * connections, since the many short connections of a test run could take it before the part does.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await canListen(port)) return port;
  }
  throw new Error('no free port on 127.0.0.1 between 20000 and 32000');
}

/**
 * A loopback address where that port is free, for a server that must have one which everybody else wants
 * too (80). Linux answers for all of 127.0.0.0/8.
 */
export async function freeAddress(port: number): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const [b, c, d] = randomBytes(3);
    const address = `127.${b}.${c}.${1 + (d! % 254)}`;
    if (await canListen(port, address)) return address;
  }
  throw new Error(`port ${port} is not available on any loopback address`);
}

function canListen(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}

export interface UntilOptions {
  /** Default 30 s. */
  timeoutMs?: number;
  /** Default 50 ms. */
  everyMs?: number;
  /** Ends the wait at once when this process has ended, and quotes it in the error. */
  process?: Running;
}

/**
 * Looks again until `look` gives something other than undefined or false; an error counts as not yet.
 * @throws Error naming `what`, the last error and the process's last lines
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  options: UntilOptions = {},
): Promise<T> {
  const { timeoutMs = 30_000, everyMs = 50, process: part } = options;
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline && (part?.alive() ?? true)) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  const why = part && !part.alive() ? 'the process ended' : `not within ${timeoutMs} ms`;
  const lines = part ? `\n${part.output().split('\n').slice(-15).join('\n')}` : '';
  throw new Error(`${what}: ${why}${lines}`, { cause: last });
}

/** Waits until a started part is ready, and stops it when that does not come about. */
export async function ready<T>(
  what: string,
  part: Running,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  try {
    return await until(what, look, { timeoutMs, process: part });
  } catch (error) {
    await part.stop();
    throw error;
  }
}
