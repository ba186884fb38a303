import { auditTask } from '../../lib/app/auditTask.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { route } from '../../lib/http/route.ts';
import { AuditQuery } from '../../lib/task/audit.ts';

export const handler = route(
  { name: 'GET /v1/tasks/{id}/audit', access: 'read', app, query: AuditQuery },
  async ({ deps, request, query }) =>
    json(200, await auditTask(deps, request.params['id'] ?? '', query)),
);
