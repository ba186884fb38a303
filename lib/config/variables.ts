import * as z from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const milliseconds = (least: number) => z.coerce.number().int().min(least).max(86_400_000);
const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** Every environment variable that the service reads, with its default and its meaning. */
export const Variables = z.object({
  PROFILE: z
    .enum(['embedded', 'localstack', 'aws'])
    .default('embedded')
    .describe('embedded, localstack or aws'),
  API_KEY: z
    .string()
    .optional()
    .describe(
      'keys for X-API-Key, several separated by commas for rotation; dev-local in profile embedded',
    ),
  API_KEY_FILE: z.string().optional().describe('file that holds the keys instead of API_KEY'),
  READ_ACCESS: z
    .enum(['open', 'key'])
    .optional()
    .describe('whether reads need the key; open on loopback in profile embedded, else key'),
  HOST: z.string().min(1).default('127.0.0.1').describe('address the API listens on'),
  PORT: port.default(8080).describe('port the API listens on (0 = any free one)'),
  AGENT_HOME: z
    .string()
    .min(1)
    .default('./.agent')
    .describe("the service's own state: embedded databases, logs, caches, tools, task copies"),
  CACHE_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('dependency caches that `agentctl cache warm` fills; AGENT_HOME/caches when unset'),
  WORKSPACE_ROOT: z
    .string()
    .min(1)
    .default('./workspace')
    .describe("the user's files; changed only when a result is applied"),
  REPO_HOSTS: z
    .string()
    .default('')
    .describe(
      'hosts that workers may fetch repositories from (repo.url), separated by commas; none when unset',
    ),
  REPO_CA_FILE: z
    .string()
    .optional()
    .describe("certificates (PEM) to trust for them instead of the system's"),
  EDGE_PORT: port
    .default(4566)
    .describe('port of the embedded SQS and DynamoDB (0 = any free one)'),
  POSTGRES_PORT: port.default(54_329).describe('port of the embedded Postgres (0 = any free one)'),
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'must look like postgresql://user:password@host:5432/name',
    })
    .optional()
    .describe('Postgres to use instead of the embedded one'),
  AWS_ENDPOINT_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('LocalStack or another emulator instead of the embedded one; unset in profile aws'),
  AWS_REGION: z.string().min(1).default('us-east-1').describe('region of the queues and the table'),
  QUEUE_NAME: z.string().min(1).default('agent-tasks').describe('the queue that rings the workers'),
  DEAD_LETTER_QUEUE_NAME: z
    .string()
    .min(1)
    .default('agent-tasks-dead')
    .describe('where rings go that no worker could take'),
  PRESENCE_TABLE: z
    .string()
    .min(1)
    .default('agent-presence')
    .describe('DynamoDB table of the live workers'),
  WORKER_CONCURRENCY: count(1, 256).default(2).describe('tasks at once per worker'),
  LEASE_MS: milliseconds(500)
    .default(15_000)
    .describe('task lease; the heartbeat comes at a third of it'),
  MAX_ATTEMPTS: count(1, 100)
    .default(5)
    .describe('lapsed leases before a task fails as attempts_exhausted'),
  DRAIN_MS: milliseconds(0)
    .default(10_000)
    .describe('how long a worker that is told to stop may finish before it hands its tasks back'),
  MAX_QUEUED: count(1, 10_000_000)
    .default(100_000)
    .describe('queued tasks before submits are refused'),
  RATE_LIMIT_PER_MINUTE: count(0, 10_000_000)
    .default(0)
    .describe('requests per key and minute (0 = no limit)'),
  STREAM_HEARTBEAT_MS: milliseconds(50)
    .default(10_000)
    .describe('pause between heartbeats of a stream'),
  MAX_STREAMS: count(1, 1_000_000).default(10_000).describe('open streams per process'),
  MODEL_SERVERS: z
    .string()
    .optional()
    .describe(
      'comma list of name=http://host:port/v1 (OpenAI-compatible) or name=ollama:http://host:port; found by a loopback probe when unset',
    ),
  ALLOW_CLOUD: z
    .enum(['0', '1'])
    .default('0')
    .describe('1 lets code leave the machine, for the models of the two keys below'),
  ANTHROPIC_API_KEY: z
    .string()
    .optional()
    .describe("key of Anthropic's models; used with ALLOW_CLOUD=1 only"),
  OPENAI_API_KEY: z
    .string()
    .optional()
    .describe("key of OpenAI's models; used with ALLOW_CLOUD=1 only"),
  MODELS_FILE: z.string().optional().describe('your own model cards (JSON or YAML)'),
  LICENCES_ALLOWED: z
    .string()
    .optional()
    .describe('licences that a model may have, separated by commas; any when unset'),
  WHEN_NO_MODEL: z
    .enum(['scaffold', 'wait', 'fail'])
    .default('scaffold')
    .describe(
      'what becomes of a task that no model can take: a skeleton, a wait within its latency_ms, or a failure',
    ),
  REPLAY_FILE: z
    .string()
    .optional()
    .describe('recorded answers to serve instead of a model; results are labelled as scripted'),
  SANDBOX: z
    .enum(['auto', 'strict', 'fallback'])
    .default('auto')
    .describe(
      'strict takes bubblewrap or nothing, auto also namespaces with a system call filter, fallback opts in to these without one',
    ),
  TOOLS_ALLOWED: z
    .string()
    .default('')
    .describe('extra tools for the sandbox, separated by commas'),
  RETENTION_DAYS: count(1, 36_500).default(30).describe('days that finished tasks are kept'),
  OTEL_TRACES_EXPORTER: z
    .enum(['console', 'otlp', 'none'])
    .default('console')
    .describe('where spans go; console writes into AGENT_HOME/logs'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe('OTLP collector, for example http://localhost:4318'),
  METRICS_NAMESPACE: z
    .string()
    .regex(/^[\w./#:-]{1,255}$/)
    .default('MultiAgentCode')
    .describe('CloudWatch namespace of the metrics; one per stage'),
  ECS_AGENT_URI: z.url().optional().describe('set by ECS itself; unset everywhere else'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('least level that is logged'),
});
export type Variables = z.infer<typeof Variables>;
