import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { requireFreePorts, type WantedPort } from '../../../scripts/start/requireFreePorts.ts';

describe('the check of the ports', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function taken(variable: WantedPort['variable']): Promise<WantedPort> {
    const server = createServer().listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { variable, purpose: `what ${variable} is for`, host: '127.0.0.1', port };
  }

  it('names every port that is taken, its variable and the way out', async () => {
    const wanted = [await taken('PORT'), await taken('POSTGRES_PORT')];
    const refused = requireFreePorts(wanted, 0);
    await expect(refused).rejects.toThrow(
      `PORT: 127.0.0.1:${wanted[0]?.port}, wanted for what PORT is for, is taken`,
    );
    await expect(refused).rejects.toThrow(`POSTGRES_PORT: 127.0.0.1:${wanted[1]?.port}`);
    await expect(refused).rejects.toThrow('PORT=0 POSTGRES_PORT=0 npm start');
  });

  it('accepts zero, which means any free one', async () => {
    const any: WantedPort = { variable: 'PORT', purpose: 'the API', host: '127.0.0.1', port: 0 };
    await expect(requireFreePorts([any], 0)).resolves.toBeUndefined();
  });

  it('refuses an address that is none of this machine, whatever the port', async () => {
    const none: WantedPort = { variable: 'PORT', purpose: 'the API', host: '203.0.113.7', port: 0 };
    await expect(requireFreePorts([none], 0)).rejects.toThrow(
      /^Nothing was started: PORT: 203\.0\.113\.7, wanted for the API, cannot be listened on \(.*EADDRNOTAVAIL/,
    );
  });

  it('waits for what a crashed start has left to end', async () => {
    const wanted = await taken('PORT');
    const waiting = requireFreePorts([wanted], 10_000);
    servers.pop()?.close();
    await expect(waiting).resolves.toBeUndefined();
  });
});
