import { afterEach } from 'vitest';
import { createRemoteServer } from '../../lib/llm/adapters/remoteServer.ts';
import type { ServerKind } from '../../lib/llm/dialects/dialectOf.ts';
import { endlessServer } from './endlessServer.ts';
import {
  type ScriptedAnswer,
  type ScriptedModelServer,
  startScriptedModelServer,
} from './scriptedModelServer.ts';

/** Servers of one kind with a client each, closed after every test. */
export function remoteBench(kind: ServerKind) {
  const started: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.close()));
  });

  async function serve(answers: readonly (string | ScriptedAnswer)[], options = {}) {
    const server: ScriptedModelServer = await startScriptedModelServer({ answers });
    started.push(server);
    const { url } = server;
    const provider = createRemoteServer({ kind, name: 'bench', url, retryPauseMs: 1, ...options });
    return { server, provider };
  }

  async function serveEndless(contentType: string | undefined, piece: string) {
    const stream = kind === 'ollama' ? 'application/x-ndjson' : 'text/event-stream';
    const server = await endlessServer(contentType ?? stream, piece);
    started.push(server);
    return { server, provider: createRemoteServer({ kind, name: 'endless', url: server.url }) };
  }

  return { serve, serveEndless };
}
