import type { Connection } from '../connect.ts';
import type { Job, Settings } from '../job.ts';
import type { Environment } from '../settings/job-variables.ts';
import type { Arguments, Flag } from './arguments.ts';

/** The environment of a command line session. */
export interface Surroundings {
  readonly env: Environment;
  /** The working directory. */
  readonly folder: string;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
}

export interface Terminal {
  readonly isTTY?: boolean;
  /** Everything that is written is escaped, colours too (`guarded`). */
  readonly escapes?: boolean;
  write(text: string): unknown;
  /** What is written next replaces the current line. */
  eraseLine?(): void;
}

/** One call of the command line. */
export interface Invocation {
  readonly args: Arguments;
  readonly signal: AbortSignal;
  readonly surroundings: Surroundings;
}

/** An invocation with its settings (`withSettings`), for most commands. */
export interface Session extends Invocation {
  readonly settings: Settings;
  /** The jobs that --job names, or all. */
  readonly jobs: readonly Job[];
  readonly connection: Connection;
}

export interface Command {
  /** One line for --help. */
  readonly summary: string;
  /** The operand, such as `NAME`; in brackets if it is optional. */
  readonly operand?: string;
  /** Flags in addition to those of every command. */
  readonly flags: readonly Flag[];
  /** Checks the values of flags, before anything is read. Throws Fault `usage`. */
  readonly check?: (args: Arguments) => void;
  /** @returns the exit code */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** Exit codes; the first that applies wins. */
export const exitCodes = { done: 0, failed: 1, differs: 2, refused: 3 } as const;
