import { main } from './commands/main.ts';

for (const stream of [process.stdout, process.stderr]) {
  // `federation-sync plan | head` closes the pipe early. That is no reason to die, least of all before a write.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  folder: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
});
