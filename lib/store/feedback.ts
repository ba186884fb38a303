import * as z from 'zod';
import type { FeedbackBody } from '../task/feedback.ts';
import type { StoreRoom } from './room.ts';

const FeedbackRow = z.object({ feedbackId: z.uuid() });

/** Undefined when the task is unknown. `task_id` must have the form of a task id. */
export async function insertFeedback(
  room: StoreRoom,
  feedback: FeedbackBody & { apiKeyHash: string },
): Promise<{ feedbackId: string } | undefined> {
  const { task_id, outcome, rating, comment, tags, apiKeyHash } = feedback;
  const [row] = await room.db.query(
    `insert into feedback (task_id, api_key_hash, outcome, rating, body)
     select id, $2, $3, $4, $5
     from tasks
     where id = $1
     returning id as "feedbackId"`,
    [task_id, apiKeyHash, outcome, rating ?? null, JSON.stringify({ comment, tags })],
  );
  return row === undefined ? undefined : FeedbackRow.parse(row);
}
