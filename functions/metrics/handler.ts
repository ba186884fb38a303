import { METRICS_CONTENT_TYPE, readMetrics } from '../../lib/app/readMetrics.ts';
import { app } from '../../lib/compose.ts';
import { text } from '../../lib/http/answer.ts';
import { route } from '../../lib/http/route.ts';

export const handler = route({ name: 'GET /metrics', access: 'none', app }, async ({ deps }) =>
  text(200, METRICS_CONTENT_TYPE, await readMetrics(deps)),
);
