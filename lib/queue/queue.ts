import type { TaskId } from '../kernel/ids.ts';

/** "There is work": the task's id and the W3C trace context of the submit. */
export interface Ring {
  taskId: TaskId;
  traceparent?: string | undefined;
}

/** A ring that was received. `body` is kept as it came: it may be unreadable. */
export interface Rung {
  receipt: string;
  body: string;
  ring: Ring | undefined;
  receiveCount: number;
}

export interface QueueDepth {
  visible: number;
  inFlight: number;
}

/**
 * The doorbell. Losing it, or hearing a ring twice or late, is harmless: Postgres is the truth.
 * Every call throws `Refusal('unavailable')` when the queue cannot be reached.
 */
export interface Doorbell {
  /** Sends any number of rings, in batches; resolves with the tasks whose ring was accepted. */
  ring(rings: readonly Ring[]): Promise<TaskId[]>;
  /** Long-polls; an aborted wait resolves to nothing. */
  receive(options: { max: number; waitSeconds: number; signal: AbortSignal }): Promise<Rung[]>;
  /** Idempotent. */
  delete(receipts: readonly string[]): Promise<void>;
  depth(): Promise<{ work: QueueDepth; dead: QueueDepth }>;
  close(): void;
}
