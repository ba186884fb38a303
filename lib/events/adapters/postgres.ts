import * as z from 'zod';
import type { Database, Listener } from '../../db/db.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { EventSeq, TaskId } from '../../kernel/ids.ts';
import { TASK_EVENTS_CHANNEL } from '../../store/notifier.ts';
import type { Store } from '../../store/store.ts';
import type { TaskEvent } from '../../task/event.ts';
import type { EventBatch, EventLog } from '../events.ts';
import { Follower, type LogPlace, type LogReader } from '../follower.ts';

interface PostgresEventLogOptions {
  /** How often the log is looked at although nobody told of news: bounds the harm of a lost notice. */
  safetyPollMs?: number;
}

/** One listening connection for all followers of this process. Nothing is opened before the first of them comes. */
export function createPostgresEventLog(
  database: Database,
  store: Pick<Store, 'eventsAfter' | 'statusAt'>,
  { safetyPollMs = 1_500 }: PostgresEventLogOptions = {},
): EventLog {
  return new PostgresEventLog(database, store, safetyPollMs);
}

/**
 * Calls `onTask` for each task whose log has grown, also by other processes, right after the commit. Notices that were
 * sent while the connection was lost are lost; `onReconnect` says that it was.
 */
export function watchTasks(
  database: Database,
  onTask: (taskId: TaskId, seq: EventSeq) => void,
  onReconnect: () => void = () => undefined,
): Promise<Listener> {
  const onNotice = (payload: string) => {
    const [taskId, seq] = payload.split(':');
    if (taskId !== undefined) onTask(taskId as TaskId, Number(seq) as EventSeq);
  };
  return database.listen(TASK_EVENTS_CHANNEL, onNotice, onReconnect);
}

class PostgresEventLog implements EventLog {
  readonly #database: Database;
  readonly #store: Pick<Store, 'eventsAfter' | 'statusAt'>;
  readonly #safetyPollMs: number;
  readonly #followers = new Map<TaskId, Set<Follower>>();
  readonly #reads = new Map<string, Promise<readonly TaskEvent[]>>();
  #listening: Promise<Listener> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #closed = false;

  constructor(
    database: Database,
    store: Pick<Store, 'eventsAfter' | 'statusAt'>,
    safetyPollMs: number,
  ) {
    this.#database = database;
    this.#store = store;
    this.#safetyPollMs = safetyPollMs;
  }

  async *follow(
    taskId: TaskId,
    afterSeq: EventSeq,
    signal: AbortSignal,
  ): AsyncGenerator<EventBatch, void, void> {
    if (this.#closed) return;
    const follower = new Follower({ reader: this.#reader, taskId, afterSeq, signal });
    this.#add(follower);
    try {
      yield* follower.batches();
    } finally {
      this.#remove(follower);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const follower of this.#all()) follower.stop();
    clearTimeout(this.#timer);
    await this.#polling;
    // One that failed to open is no listener to close.
    const listener = await this.#listening?.catch(() => undefined);
    await listener?.close();
  }

  #reader: LogReader = {
    statusAt: (taskId, seq) => this.#store.statusAt(taskId, seq),
    // Listen first, then read: what is committed in between is told.
    eventsAfter: async (place) => {
      await this.#listen();
      return this.#read(place);
    },
  };

  #listen(): Promise<Listener> {
    this.#listening ??= watchTasks(
      this.#database,
      (taskId, seq) => this.#tell(taskId, seq),
      () => this.#pollNow(),
    ).catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    return this.#listening;
  }

  #tell(taskId: TaskId, seq: EventSeq): void {
    for (const follower of this.#followers.get(taskId) ?? []) follower.notice(seq);
  }

  /**
   * Followers who stand at one place and were told the same share one read. Only then: a read that began before a follower
   * was told may not show what it was told of.
   */
  #read(place: LogPlace): Promise<readonly TaskEvent[]> {
    const { taskId, seq, noticed, limit } = place;
    if (noticed <= seq) return this.#store.eventsAfter(taskId, seq, limit);
    const key = `${taskId}:${seq}:${noticed}`;
    const shared = this.#reads.get(key);
    if (shared !== undefined) return shared;
    const read = this.#store
      .eventsAfter(taskId, seq, limit)
      .then((events) => events.map(frozen))
      .finally(() => this.#reads.delete(key));
    this.#reads.set(key, read);
    return read;
  }

  #add(follower: Follower): void {
    const { taskId } = follower;
    const ofTask = this.#followers.get(taskId) ?? new Set();
    this.#followers.set(taskId, ofTask.add(follower));
    this.#timer ??= this.#pollLater();
  }

  #remove(follower: Follower): void {
    const ofTask = this.#followers.get(follower.taskId);
    ofTask?.delete(follower);
    if (ofTask?.size === 0) this.#followers.delete(follower.taskId);
    if (this.#followers.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #pollLater(): NodeJS.Timeout {
    return setTimeout(() => this.#pollNow(), this.#safetyPollMs);
  }

  #pollNow(): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#polling ??= this.#tellAll();
  }

  /** One statement for all followers tells them how far their logs reach. */
  async #tellAll(): Promise<void> {
    try {
      for (const { id, last_seq } of await this.#lastSeqs()) this.#tell(id, last_seq);
    } catch (error) {
      // While the database is away there is nothing to tell; the next poll, or the reconnect, finds it back.
      if (!(error instanceof Refusal)) throw error;
    } finally {
      const wanted = !this.#closed && this.#followers.size > 0;
      this.#polling = undefined;
      this.#timer = wanted ? this.#pollLater() : undefined;
    }
  }

  async #lastSeqs(): Promise<z.infer<typeof LastSeq>[]> {
    const rows = await this.#database.query(
      `select id, last_seq
       from tasks
       where id = any($1::uuid[])`,
      [[...this.#followers.keys()]],
    );
    return rows.map((row) => LastSeq.parse(row));
  }

  #all(): Follower[] {
    return [...this.#followers.values()].flatMap((ofTask) => [...ofTask]);
  }
}

const LastSeq = z.object({
  id: z.uuid().transform((id) => id as TaskId),
  last_seq: z.int().transform((seq) => seq as EventSeq),
});

/** What several followers are given belongs to none of them. */
function frozen(event: TaskEvent): TaskEvent {
  Object.freeze(event.data);
  return Object.freeze(event);
}
