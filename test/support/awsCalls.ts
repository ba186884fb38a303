import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** What each promise of a port costs in permissions: `action resource`, the resource by its logical id. */
export const COSTS: Record<string, string[]> = {
  'doorbell.ring': on('TasksQueue', 'sqs:GetQueueUrl', 'sqs:SendMessage'),
  'doorbell.receive': on('TasksQueue', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'),
  'doorbell.delete': on('TasksQueue', 'sqs:GetQueueUrl', 'sqs:DeleteMessage'),
  'doorbell.depth': [
    ...on('TasksQueue', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'),
    ...on('DeadTasksQueue', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'),
  ],
  'presence.announce': on('PresenceTable', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
  'presence.withdraw': on('PresenceTable', 'dynamodb:DeleteItem', 'dynamodb:UpdateItem'),
  'presence.liveWorkers': on(
    'PresenceTable',
    ...['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:UpdateItem'],
  ),
  'presence.countUse': on('PresenceTable', 'dynamodb:UpdateItem'),
};

function on(resource: string, ...actions: string[]): string[] {
  return actions.map((action) => `${action} ${resource}`);
}

/** The actions of the SDK commands that the adapters of AWS import. */
export function adapterActions(): string[] {
  const adapters: [service: string, file: string][] = [
    ['sqs', 'queue/adapters/sqs'],
    ['sqs', 'queue/adapters/namedQueue'],
    ['dynamodb', 'presence/adapters/dynamodb'],
  ];
  return adapters
    .flatMap(([service, file]) => {
      const source = readFileSync(join(root, `lib/${file}.ts`), 'utf8');
      const commands = [...source.matchAll(/new (\w+)Command\(/g)].map(([, name]) => name ?? '');
      return commands.map((name) => `${service}:${actionOf(name)}`);
    })
    .filter((action, at, all) => all.indexOf(action) === at)
    .sort();
}

/** A batch of SQS needs the permission of the single call; that of DynamoDB has its own. */
function actionOf(command: string): string {
  return command.replace(/^(SendMessage|DeleteMessage)Batch$/, '$1');
}

/**
 * The promises of ports that the code behind each entry asks for, by entry. Composition roots are left out: they wire
 * everything and call nothing. What only lends its types is dropped by the bundler.
 */
export async function portCalls(entries: string[]): Promise<Record<string, string[]>> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'unwritten',
    format: 'esm',
    platform: 'node',
    packages: 'external',
    external: ['*/compose.ts', '*/composeWorker.ts'],
    logLevel: 'error',
  });
  const outputs = Object.values(metafile.outputs);
  return Object.fromEntries(
    outputs.map(({ entryPoint = '', inputs }) => [entryPoint, callsIn(Object.keys(inputs))]),
  );
}

function callsIn(files: string[]): string[] {
  const calls = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\b(?:doorbell|presence)\.\w+(?=\()/g)].map(
      ([call]) => call,
    ),
  );
  return [...new Set(calls)].sort();
}
