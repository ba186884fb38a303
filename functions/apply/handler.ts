import { requestPatch } from '../../lib/app/requestPatch.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { route } from '../../lib/http/route.ts';
import { ApplyBody } from '../../lib/task/answers.ts';

export const handler = route(
  {
    name: 'POST /v1/tasks/{id}/apply',
    access: 'key',
    app,
    body: ApplyBody,
    emptyBody: 'empty object',
  },
  async ({ deps, request: { params }, body, span }) => {
    const { id = '' } = params;
    const request = body.check ? 'check' : 'apply';
    return json(202, await requestPatch(deps, { id, request, traceparent: span.traceparent }));
  },
);
