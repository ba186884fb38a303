import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import type { GatewayRoute, LambdaHandler } from './route.ts';

const HttpEvent = z.object({
  path: z.string(),
  method: z.string(),
  timeoutInMillis: z.number().optional(),
  response: z.object({ transferMode: z.string().optional() }).optional(),
});

const ServiceFunction = z.object({
  handler: z.string(),
  timeout: z.number().optional(),
  events: z.array(z.object({ http: HttpEvent.optional() })).default([]),
});

/** What the gateway reads of serverless.yml: the file itself, or the service as serverless resolved it. */
const Service = z.object({
  provider: z.object({ timeout: z.number().default(6) }),
  functions: z.record(z.string(), ServiceFunction),
});
export type Service = z.infer<typeof Service>;

/** API Gateway's limit for a method that does not raise it. */
const INTEGRATION_TIMEOUT_MS = 29_000;

/** Imports a handler by its function's name and its `handler` line, `dist/<name>/handler.handler`. */
export type LoadHandler = (functionName: string, handler: string) => Promise<LambdaHandler>;

/** Only the parts that the gateway needs are checked; CloudFormation's own tags may stand anywhere else. */
export async function readService(file: string): Promise<Service> {
  return parseService(parse(await readFile(file, 'utf8'), { logLevel: 'error' }));
}

export function parseService(service: unknown): Service {
  return Service.parse(service);
}

/** One route for every `http` event of every function. */
export function serviceRoutes(service: Service, load: LoadHandler): GatewayRoute[] {
  return Object.entries(service.functions).flatMap(([functionName, declared]) =>
    declared.events.flatMap(({ http }) => {
      if (http === undefined) return [];
      return {
        method: http.method.toUpperCase(),
        path: `/${http.path.replace(/^\//, '')}`,
        functionName,
        stream: http.response?.transferMode?.toUpperCase() === 'STREAM',
        timeoutMs: (declared.timeout ?? service.provider.timeout) * 1_000,
        integrationTimeoutMs: http.timeoutInMillis ?? INTEGRATION_TIMEOUT_MS,
        load: () => load(functionName, declared.handler),
      };
    }),
  );
}
