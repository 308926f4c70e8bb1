import type { Writable } from 'node:stream';
import type { Connection } from '../connect.ts';
import type { Job, Settings } from '../job.ts';
import type { Environment } from '../settings/environment.ts';
import type { Arguments, Flag } from './arguments.ts';

/** What a command line session has around it. */
export interface Surroundings {
  readonly env: Environment;
  /** The working directory. */
  readonly folder: string;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
}

export interface Terminal extends Writable {
  readonly isTTY?: boolean;
}

/** One call of the command line. */
export interface Invocation {
  readonly args: Arguments;
  readonly signal: AbortSignal;
  readonly surroundings: Surroundings;
}

/** What most commands work with: an invocation whose settings are read (`withSettings`). */
export interface Session extends Invocation {
  readonly settings: Settings;
  /** The jobs that --job names, or all. */
  readonly jobs: readonly Job[];
  readonly connection: Connection;
}

export interface Command {
  /** One line for --help. */
  readonly summary: string;
  /** The operand it takes, as `NAME`; in brackets if it may be left out. */
  readonly operand?: string;
  /** Flags besides those that every command takes. */
  readonly flags: readonly Flag[];
  /** @returns the exit code */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** Exit codes; the first that applies wins. */
export const exitCodes = { done: 0, failed: 1, differs: 2, refused: 3 } as const;
