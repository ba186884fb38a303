import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createGateway, type GatewayOptions } from './gateway.ts';

export interface ServerOptions extends GatewayOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
}

export interface RunningGateway {
  url: string;
  port: number;
  /** Ends streams, waits for running calls (5 s unless said otherwise), then closes every connection. */
  close(graceMs?: number): Promise<void>;
}

/** The gateway with a server of its own. Rejects when the port is taken. */
export async function startGateway(options: ServerOptions): Promise<RunningGateway> {
  const gateway = createGateway(options);
  const server = createServer(gateway.handle);
  server.keepAliveTimeout = 65_000;
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const port = portOf(server);
  return {
    url: `http://${options.host}:${port}`,
    port,
    close: async (graceMs = 5_000) => {
      const closed = once(server, 'close');
      server.close();
      await gateway.close(graceMs);
      server.closeAllConnections();
      await closed;
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}
