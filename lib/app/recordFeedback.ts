import type { FeedbackAnswer } from '../task/answers.ts';
import type { FeedbackBody } from '../task/feedback.ts';
import type { AppDeps } from './app.ts';
import { requireTaskId, taskNotFound } from './refusals.ts';

export async function recordFeedback(
  { store }: AppDeps,
  body: FeedbackBody,
  apiKeyHash: string,
): Promise<FeedbackAnswer> {
  const stored = await store.insertFeedback({
    ...body,
    task_id: requireTaskId(body.task_id),
    apiKeyHash,
  });
  if (stored === undefined) throw taskNotFound(body.task_id);
  return { feedback_id: stored.feedbackId };
}
