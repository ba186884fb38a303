export type Row = Record<string, unknown>;

/**
 * Postgres, as the rooms above see it.
 * Throws the driver's error (with its SQLSTATE in `code`) for a broken statement, and `Refusal('unavailable')` when no
 * connection can be had. Values always travel as parameters.
 */
export interface Db {
  query<R extends Row>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /** Commits when `work` resolves, rolls back and rethrows when it rejects. Does not nest. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** The statements of one open transaction. */
export type Tx = Pick<Db, 'query'>;

/** One dedicated connection that listens; it reconnects by itself and then calls `onReconnect`. */
export interface Listener {
  close(): Promise<void>;
}

export interface Database extends Db {
  /** `onNotice` gets every payload of the channel; after a lost connection is back, `onReconnect` is called once. */
  listen(
    channel: string,
    onNotice: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<Listener>;
  close(): Promise<void>;
}
