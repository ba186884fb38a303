import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of 127.0.0.1 that nobody listens on at this moment; who binds it later may find it taken and asks again. */
export async function freePort(): Promise<number> {
  const port = await bindOnce(0);
  if (port === undefined) throw new Error('the system has no free port on 127.0.0.1');
  return port;
}

export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await bindOnce(port, host)) !== undefined;
}

/** The port that was bound and given back, or undefined when another program holds it. */
async function bindOnce(port: number, host = '127.0.0.1'): Promise<number | undefined> {
  const server = createServer();
  const failed = once(server, 'error').then(([error]) => ({ error }));
  const bound = new Promise<undefined>((resolve) => {
    server.listen({ port, host, exclusive: true }, () => resolve(undefined));
  });
  const failure = await Promise.race([failed, bound]);
  if (failure !== undefined) {
    if (isTaken(failure.error)) return undefined;
    throw failure.error;
  }
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
