import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The oldest Node.js whose built-ins the code and its packages use; on an older one they fail while loading. */
const OLDEST = 24;

for (const stream of [process.stdout, process.stderr]) {
  // `federation-sync plan | head` closes the pipe early. That is no reason to die, least of all before a write.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = Number.parseInt(process.versions.node, 10) < OLDEST ? runOnNewer() : await run();

async function run(): Promise<number> {
  const { main } = await import('./commands/main.ts');
  return main(process.argv.slice(2), {
    env: process.env,
    folder: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
  });
}

/** A checkout brings its own Node.js, which `npx federation-sync` uses; `node dist/cli.mjs` finds it here. */
function runOnNewer(): number {
  const own = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (existsSync(own)) {
    const { status } = spawnSync(own, process.argv.slice(1), { stdio: 'inherit' });
    return status ?? 1;
  }
  process.stderr.write(
    `error: usage: this is Node.js ${process.version}. Use Node.js ${OLDEST} or newer.\n`,
  );
  return 1;
}
