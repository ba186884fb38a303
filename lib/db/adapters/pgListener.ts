import pg from 'pg';
import { unavailableWhenAway } from '../databaseErrors.ts';
import type { Listener } from '../db.ts';

interface ListenRequest {
  url: string;
  connectTimeoutMs: number;
  channel: string;
  onNotice: (payload: string) => void;
  onReconnect: () => void;
}

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;

/** Resolves once the channel is listened to. Rejects when that fails the first time; later losses heal by themselves. */
export async function listenOn(request: ListenRequest): Promise<Listener> {
  const connection = new ListenConnection(request);
  await connection.open();
  return connection;
}

/** Goes through connected > lost > retrying > connected ... until it is closed. */
class ListenConnection implements Listener {
  readonly #request: ListenRequest;
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor(request: ListenRequest) {
    this.#request = request;
  }

  async open(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#request.url,
      connectionTimeoutMillis: this.#request.connectTimeoutMs,
      keepAlive: true,
    });
    let ended = false;
    const onEnd = () => {
      ended = true;
      this.#lost(client);
    };
    client.on('error', onEnd);
    client.on('end', onEnd);
    client.on('notification', ({ payload }) => this.#request.onNotice(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(this.#request.channel)}`);
    } catch (cause) {
      await endQuietly(client);
      throw unavailableWhenAway(cause);
    }
    if (this.#closed) return endQuietly(client);
    if (ended)
      throw unavailableWhenAway(new Error('Connection terminated while starting to listen'));
    this.#client = client;
    this.#retryMs = FIRST_RETRY_MS;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await endQuietly(client);
  }

  /** A client that never became the current one is the caller's business in `open`. */
  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.open().then(this.#back, () => this.#retryLater());
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #back = (): void => {
    if (!this.#closed) this.#request.onReconnect();
  };
}

/** The connection may be gone already; what is wanted is that none is left. */
async function endQuietly(client: pg.Client): Promise<void> {
  await client.end().catch(() => undefined);
}
