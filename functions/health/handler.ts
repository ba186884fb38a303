import { checkHealth } from '../../lib/app/checkHealth.ts';
import { app } from '../../lib/compose.ts';
import { json } from '../../lib/http/answer.ts';
import { route } from '../../lib/http/route.ts';
import { HealthQuery } from '../../lib/task/queries.ts';

export const handler = route(
  { name: 'GET /health', access: 'none', app, query: HealthQuery },
  async ({ deps, query }) => {
    if (query.live) return json(200, { status: 'ok' });
    const report = await checkHealth(deps);
    return report.status === 'unavailable'
      ? json(503, report, { 'retry-after': '5' })
      : json(200, report);
  },
);
