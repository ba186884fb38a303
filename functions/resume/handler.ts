import { resumeTask } from '../../lib/app/resumeTask.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { route } from '../../lib/http/route.ts';
import { ResumeBody } from '../../lib/task/answers.ts';

export const handler = route(
  {
    name: 'POST /v1/tasks/{id}/resume',
    access: 'key',
    app,
    body: ResumeBody,
    emptyBody: 'empty object',
  },
  async ({ deps, request, body, span }) => {
    const { id = '' } = request.params;
    return json(202, await resumeTask(deps, { ...body, id, traceparent: span.traceparent }));
  },
);
