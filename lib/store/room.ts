import type { Db } from '../db/db.ts';
import type { EventType } from '../task/event.ts';
import type { Move, Moved } from './moveTasks.ts';
import { moveTasks } from './moveTasks.ts';
import type { Notice, Notifier } from './notifier.ts';

/** What every verb of the store works with. */
export interface StoreRoom {
  db: Db;
  notifier: Notifier;
}

/** A move that commits by itself, and is told of. */
export async function moveAndTell<T extends EventType>(
  room: StoreRoom,
  move: Move<T>,
): Promise<Moved[]> {
  const moved = await moveTasks(room.db, move);
  room.notifier.announce(moved.map(noticeOf));
  return moved;
}

export function noticeOf(moved: Moved): Notice {
  return { taskId: moved.id, seq: moved.last_seq };
}
