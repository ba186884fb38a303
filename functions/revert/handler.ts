import { requestPatch } from '../../lib/app/requestPatch.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { route } from '../../lib/http/route.ts';

export const handler = route(
  { name: 'POST /v1/tasks/{id}/revert', access: 'key', app },
  async ({ deps, request: { params }, span }) => {
    const { id = '' } = params;
    const { traceparent } = span;
    return json(202, await requestPatch(deps, { id, request: 'revert', traceparent }));
  },
);
