import * as z from 'zod';
import type { QueueTrigger } from './queuePoller.ts';

/** A trigger whose function is still to be imported. */
export type DeclaredTrigger = Omit<QueueTrigger, 'handler'> & { handler: string };

const QueueEvent = z.object({
  arn: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  batchSize: z.int().min(1).max(10).default(10),
  functionResponseType: z.literal('ReportBatchItemFailures').optional(),
});

const Service = z.object({
  provider: z.object({ timeout: z.number().default(6) }),
  functions: z.record(
    z.string(),
    z.object({
      handler: z.string(),
      timeout: z.number().optional(),
      events: z.array(z.object({ sqs: QueueEvent.optional() })).default([]),
    }),
  ),
  resources: z.object({
    Resources: z.record(
      z.string(),
      z.object({ Properties: z.object({ QueueName: z.string().optional() }).optional() }),
    ),
  }),
});

/** Every `sqs` event of the service. Throws for one whose queue the service does not declare itself. */
export function declaredTriggers(service: unknown): DeclaredTrigger[] {
  const { functions, provider, resources } = Service.parse(service);
  return Object.entries(functions).flatMap(([functionName, declared]) =>
    declared.events.flatMap(({ sqs }) => {
      if (sqs === undefined) return [];
      const [logicalId] = sqs.arn['Fn::GetAtt'];
      const queueName = resources.Resources[logicalId]?.Properties?.QueueName;
      if (queueName === undefined) throw new Error(`${functionName}: no queue ${logicalId}`);
      return {
        functionName,
        queueName,
        batchSize: sqs.batchSize,
        reportsFailures: sqs.functionResponseType !== undefined,
        timeoutMs: (declared.timeout ?? provider.timeout) * 1_000,
        handler: declared.handler,
      };
    }),
  );
}
