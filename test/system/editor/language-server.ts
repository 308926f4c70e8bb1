import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../bundle/build.ts';

interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

interface Completion {
  readonly label: string;
  readonly documentation?: string | { readonly value: string };
}

/**
 * yaml-language-server, which VS Code's YAML extension, Neovim and others run, spoken to as an editor does: JSON-RPC
 * with a Content-Length header (Language Server Protocol 3.17, base protocol).
 */
export class LanguageServer {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<string, (value: unknown) => void>();
  #buffer = Buffer.alloc(0);
  #id = 0;

  private constructor(folder: string) {
    const bin = join(root, 'node_modules/yaml-language-server/bin/yaml-language-server');
    this.#process = spawn(process.execPath, [bin, '--stdio'], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  static async start(folder: string): Promise<LanguageServer> {
    const server = new LanguageServer(folder);
    const capabilities = {
      workspace: { configuration: true },
      textDocument: { completion: {}, hover: { contentFormat: ['markdown'] } },
    };
    const rootUri = pathToFileURL(folder).href;
    await server.#request('initialize', { processId: process.pid, rootUri, capabilities });
    server.#send({ method: 'initialized', params: {} });
    return server;
  }

  stop(): void {
    this.#process.kill();
  }

  /** Opens a file, and returns what the editor would underline, as `line: message`. */
  async open(file: string): Promise<string[]> {
    const uri = pathToFileURL(file).href;
    const published = this.#wait(uri);
    const text = readFileSync(file, 'utf8');
    this.#send({
      method: 'textDocument/didOpen',
      params: { textDocument: { uri, languageId: 'yaml', version: 1, text } },
    });
    const diagnostics = (await published) as readonly Diagnostic[];
    return diagnostics.map(({ message, range }) => `${range.start.line + 1}: ${message}`);
  }

  /** What is offered at a position, by name, with what the editor shows next to it. */
  async complete(file: string, line: number, character: number): Promise<Map<string, string>> {
    const answer = (await this.#request('textDocument/completion', at(file, line, character))) as {
      readonly items: readonly Completion[];
    };
    return new Map(
      answer.items.map(({ label, documentation: shown = '' }) => [
        label,
        typeof shown === 'string' ? shown : shown.value,
      ]),
    );
  }

  async hover(file: string, line: number, character: number): Promise<string> {
    const answer = await this.#request('textDocument/hover', at(file, line, character));
    return (answer as { contents: { value: string } }).contents.value;
  }

  #request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#id;
    const answered = this.#wait(String(id));
    this.#send({ id, method, params });
    return answered;
  }

  #wait(key: string): Promise<unknown> {
    return new Promise((resolve) => this.#waiting.set(key, resolve));
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#process.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(
        /Content-Length: (\d+)/i.exec(this.#buffer.toString('utf8', 0, end))?.[1],
      );
      const next = end + 4 + length;
      if (this.#buffer.length < next) return;
      const message = JSON.parse(this.#buffer.toString('utf8', end + 4, next));
      this.#buffer = this.#buffer.subarray(next);
      this.#receive(message);
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: messages of any shape
  #receive({ id, method, params, result }: any): void {
    if (method === 'workspace/configuration') {
      // Without the catalog of schemas on the Internet.
      const result = params.items.map(({ section }: { section: string }) =>
        section === 'yaml'
          ? { validate: true, hover: true, completion: true, schemaStore: { enable: false } }
          : null,
      );
      this.#send({ id, result });
    } else if (method === 'textDocument/publishDiagnostics') {
      this.#waiting.get(params.uri)?.(params.diagnostics);
    } else if (method !== undefined) {
      if (id !== undefined) this.#send({ id, result: null });
    } else {
      this.#waiting.get(String(id))?.(result);
    }
  }
}

function at(file: string, line: number, character: number) {
  return {
    textDocument: { uri: pathToFileURL(file).href },
    position: { line: line - 1, character },
  };
}
