import * as z from 'zod';
import type { EventSeq, TaskId } from '../kernel/ids.ts';
import { parseNewEvent, statusAfter, type TaskEvent } from '../task/event.ts';
import type { TaskStatus } from '../task/state.ts';
import type { StoreRoom } from './room.ts';

const EventRow = z.object({ seq: z.int(), type: z.string(), data: z.unknown(), at: z.number() });

/** The events after `seq` (0: from the first on), in order, at most `limit`. */
export async function eventsAfter(
  room: StoreRoom,
  taskId: TaskId,
  seq: EventSeq,
  limit: number,
): Promise<TaskEvent[]> {
  const rows = await room.db.query(
    `select seq, type, data, floor(extract(epoch from at) * 1000)::float8 as at
     from events
     where task_id = $1
       and seq > $2
     order by seq
     limit $3`,
    [taskId, seq, limit],
  );
  return rows.map((row) => {
    const event = EventRow.parse(row);
    return {
      ...parseNewEvent(event.type, event.data),
      task_id: taskId,
      seq: event.seq,
      at: event.at,
    };
  });
}

const STATUS_EVENTS = [
  'task.submitted',
  'task.claimed',
  'task.requeued',
  'task.resumed',
  'task.cancelling',
  'task.finished',
];

const Claimed = z.object({ data: z.object({ attempt: z.int() }) });

/** How many runs of the task had begun once the event of this sequence was written. */
export async function attemptAt(room: StoreRoom, taskId: TaskId, seq: EventSeq): Promise<number> {
  const [row] = await room.db.query(
    `select data
     from events
     where task_id = $1
       and seq <= $2
       and type = 'task.claimed'
     order by seq desc
     limit 1`,
    [taskId, seq],
  );
  return row === undefined ? 0 : Claimed.parse(row).data.attempt;
}

/** The status that the task had once the event of this sequence was written. */
export async function statusAt(
  room: StoreRoom,
  taskId: TaskId,
  seq: EventSeq,
): Promise<TaskStatus> {
  const [row] = await room.db.query(
    `select seq, type, data, 0 as at
     from events
     where task_id = $1
       and seq <= $2
       and type = any($3::text[])
     order by seq desc
     limit 1`,
    [taskId, seq, STATUS_EVENTS],
  );
  if (row === undefined) return 'queued';
  const { type, data } = EventRow.parse(row);
  return statusAfter(parseNewEvent(type, data), 'queued');
}
