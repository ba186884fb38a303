import { recordFeedback } from '../../lib/app/recordFeedback.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { keyHashOf } from '../../lib/http/apiKey.ts';
import { route } from '../../lib/http/route.ts';
import { FeedbackBody } from '../../lib/task/feedback.ts';

export const handler = route(
  { name: 'POST /v1/feedback', access: 'key', app, body: FeedbackBody },
  async ({ deps, body, caller }) => json(201, await recordFeedback(deps, body, keyHashOf(caller))),
);
