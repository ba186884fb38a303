import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { Variables } from '../../lib/config/variables.ts';
import { readTemplate } from './cloudFormation.ts';

const root = join(import.meta.dirname, '../..');

/** Variables that programs beside ours read: the shell, Node, the metrics library, NVIDIA's container runtime. */
const FOREIGN = [
  'HOME',
  'PATH',
  'NODE_OPTIONS',
  'AWS_EMF_ENVIRONMENT',
  'NVIDIA_DRIVER_CAPABILITIES',
];

/** Names that nobody reads. */
export function unknownVariables(names: readonly string[]): string[] {
  return names.filter((name) => !Object.hasOwn(Variables.shape, name) && !FOREIGN.includes(name));
}

const Texts = z.record(z.string(), z.string());
const Service = z.object({
  params: z.object({
    default: z.object({ environment: Texts }),
    local: z.object({ environment: Texts }),
  }),
});

/** What the functions are given on AWS (`default`) and by `npm start` (`local`), with its references as they stand. */
export function functionVariables(): Service['params'] {
  const source = readFileSync(join(root, 'serverless.yml'), 'utf8');
  return Service.parse(parse(source, { logLevel: 'error' })).params;
}
type Service = z.infer<typeof Service>;

const TaskDefinition = z.object({
  ContainerDefinitions: z.tuple([
    z.object({
      Privileged: z.boolean(),
      User: z.string(),
      StopTimeout: z.int(),
      HealthCheck: z.object({ Command: z.array(z.string()) }),
      Environment: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
      Secrets: z.array(z.object({ Name: z.string(), ValueFrom: z.unknown() })),
      MountPoints: z.array(z.looseObject({ SourceVolume: z.string(), ContainerPath: z.string() })),
    }),
  ]),
});

/** The worker's container as ECS is told to start it. */
export function workerContainer() {
  const { TaskDefinition: definition } = readTemplate('infra/aws/worker.yml').Resources;
  return TaskDefinition.parse(definition?.Properties).ContainerDefinitions[0];
}
