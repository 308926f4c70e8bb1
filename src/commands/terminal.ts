import { visible } from '../wording.ts';
import type { Surroundings, Terminal } from './command.ts';

/**
 * Streams that foreign text cannot control: record names, labels, owners of objects, answers of servers. All of stderr
 * is escaped, and all of stdout where it is JSON, in which an escape means the same character. Plain stdout has our
 * colours, and the documents that `render` prints; there, each command escapes what it quotes.
 */
export function guarded(surroundings: Surroundings, isJson: boolean): Surroundings {
  const { stdout, stderr } = surroundings;
  return {
    ...surroundings,
    stdout: isJson ? escaping(stdout) : stdout,
    stderr: escaping(stderr),
  };
}

function escaping(stream: Terminal): Terminal {
  return {
    isTTY: stream.isTTY === true,
    escapes: true,
    write: (text) => stream.write(visibleLines(text)),
    // Carriage return, and "erase in line": what is written next replaces the line.
    eraseLine: () => stream.write('\r\x1b[2K'),
  };
}

/** Text of any number of lines, escaped except for its line ends. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
