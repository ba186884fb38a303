import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Git's own server behind real HTTPS, with a certificate that nobody but its readers trusts. */
export interface GitServer {
  /** `127.0.0.1:port`. */
  host: string;
  /** What was asked for, as `GET /path`. */
  requests: string[];
  /** Trusts the server. */
  caFile: string;
  /** Of bare repositories: `<folder>/<name>.git`. */
  folder: string;
  urlOf(name: string): string;
  close(): Promise<void>;
}

/** Answers a request itself, by returning true. */
type Instead = (request: IncomingMessage, response: ServerResponse) => boolean;

/** What this machine lacks for it; undefined when it lacks nothing. */
export function lacksForGit(): string | undefined {
  for (const tool of ['git', 'openssl']) {
    if (spawnSync(tool, ['version']).status !== 0)
      return `${tool} is not installed: apt install ${tool}`;
  }
  return undefined;
}

export async function startGitServer(instead: Instead = () => false): Promise<GitServer> {
  const folder = mkdtempSync(join(tmpdir(), 'git-server-'));
  const { key, certificate } = makeCertificate(folder);
  const requests: string[] = [];
  const options = { key: readFileSync(key), cert: readFileSync(certificate) };
  const server = createServer(options, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (!instead(request, response)) serve(folder, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${portOf(server)}`;
  return {
    ...{ host, requests, caFile: certificate, folder },
    urlOf: (name) => `https://${host}/${name}.git`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function makeCertificate(folder: string): { key: string; certificate: string } {
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=git'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
  ]);
  return { key, certificate };
}

/** As a CGI program, which `git http-backend` is: headers, an empty line, the body. */
function serve(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'https://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
    },
  });
  request.pipe(backend.stdin);
  let answer = Buffer.alloc(0);
  backend.stdout.on('data', (piece: Buffer) => {
    answer = Buffer.concat([answer, piece]);
  });
  backend.on('close', () => {
    const end = answer.indexOf('\r\n\r\n');
    for (const line of answer.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(answer.subarray(end + 4));
  });
}

/** The user's own git, with none of his settings. Returns what it printed. */
export function git(folder: string, ...args: string[]): string {
  const settings = ['user.name=Test', 'user.email=test@example.com', 'init.defaultBranch=main'];
  return run('git', [...settings.flatMap((each) => ['-c', each]), '-C', folder, ...args], {
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  });
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}): string {
  const ran = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  if (ran.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${ran.stderr}`);
  return ran.stdout.trim();
}
