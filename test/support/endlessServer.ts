import { createServer, type ServerResponse } from 'node:http';

export interface EndlessServer {
  url: string;
  /** True when whoever listened has left. */
  gone(): boolean;
  close(): Promise<void>;
}

/** Answers every request with the same piece again and again, as fast as it is read. */
export async function endlessServer(contentType: string, piece: string): Promise<EndlessServer> {
  let gone = false;
  const chunk = piece.repeat(1_000);
  const server = createServer((_, response) => {
    response.on('close', () => {
      gone = true;
    });
    response.writeHead(200, { 'content-type': contentType });
    pour(response, chunk);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    gone: () => gone,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pour(response: ServerResponse, chunk: string): void {
  while (!response.destroyed && response.write(chunk)) {
    // Until the buffer is full.
  }
  if (!response.destroyed) response.once('drain', () => pour(response, chunk));
}
