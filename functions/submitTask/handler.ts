import { checkPayload, submitTask } from '../../lib/app/submitTask.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { keyHashOf } from '../../lib/http/apiKey.ts';
import { route } from '../../lib/http/route.ts';
import { TaskPayload } from '../../lib/task/payload.ts';
import { SubmitQuery } from '../../lib/task/queries.ts';

export const handler = route(
  { name: 'POST /v1/tasks', access: 'key', app, body: TaskPayload, query: SubmitQuery },
  async ({ deps, body: payload, query, request, caller, span }) => {
    if (query.dry_run) {
      checkPayload(deps, payload);
      return json(200, { valid: true, payload });
    }
    const { answer, replayed } = await submitTask(deps, {
      payload,
      apiKeyHash: keyHashOf(caller),
      idempotencyKey: request.headers['idempotency-key'],
      traceparent: span.traceparent,
    });
    return json(202, answer, {
      location: answer.links.self,
      ...(replayed ? { 'idempotent-replay': 'true' } : {}),
    });
  },
);
