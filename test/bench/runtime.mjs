/*
 * What Lambda's runtime does, and no more: loads the bundle, asks the Runtime API for one event after the other and
 * posts the answers. A script that needs nothing to be compiled or loaded before it, so that what is measured is
 * the bundle. Prints a line when the handler is imported.
 *
 *     node runtime.mjs FOLDER [ADDRESS]       without an address it ends once the bundle is loaded
 */
const [, , folder, address] = process.argv;
// As Lambda's own does: `import 'node:http'` would load what the bundle avoids.
const { writeSync } = process.getBuiltinModule('node:fs');
const { handler } = await import(`${folder}/index.mjs`);
const ready = { ms: process.uptime() * 1000, cpuMs: cpuMs() };
writeSync(1, 'ready\n');
if (!address) process.exit(0);

const http = process.getBuiltinModule('node:http');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** Processor time of this process so far. */
function cpuMs() {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1000;
}

function call(method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const url = `http://${address}/2018-06-01/runtime${path}`;
    const request = http.request(url, { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ headers: response.headers, text }));
    });
    request.on('error', reject).end(body);
  });
}

for (;;) {
  const { headers, text } = await call('GET', '/invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  const end = Number(headers['lambda-runtime-deadline-ms']);
  const context = {
    awsRequestId: id,
    functionName: 'federation-sync',
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => end - Date.now(),
  };
  let [outcome, answer] = ['response', undefined];
  try {
    answer = await handler(JSON.parse(text), context);
  } catch (error) {
    [outcome, answer] = ['error', { errorMessage: error.message, errorType: error.name }];
  }
  const usage = { maxRSS: process.resourceUsage().maxRSS, cpuMs: cpuMs(), ready };
  await call('POST', `/invocation/${id}/${outcome}`, JSON.stringify(answer), {
    'x-usage': JSON.stringify(usage),
  });
}
