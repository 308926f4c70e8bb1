/**
 * Stands in for Lambda's runtime in a process of its own: loads the bundle that the first argument names and
 * hands it the events that the parent sends, one at a time.
 */
import { pathToFileURL } from 'node:url';

interface Message {
  readonly event: unknown;
  readonly timeoutMs: number;
}

const { handler } = await import(pathToFileURL(process.argv[2] ?? '').href);

process.on('message', async ({ event, timeoutMs }: Message) => {
  const end = Date.now() + timeoutMs;
  const context = {
    awsRequestId: crypto.randomUUID(),
    functionName: 'federation-sync',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:federation-sync',
    memoryLimitInMB: '128',
    getRemainingTimeInMillis: () => end - Date.now(),
  };
  try {
    process.send?.({ response: await handler(event, context) });
  } catch (error) {
    process.send?.({ error: (error as Error).message });
  }
});
process.send?.({ ready: true });
