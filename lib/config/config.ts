import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import * as z from 'zod';
import { flawWords } from '../kernel/flawWords.ts';
import { type CloudModels, readCloudModels } from './cloudModels.ts';
import { type ModelServer, parseModelServers } from './modelServers.ts';
import { parseRepoHosts } from './repoHosts.ts';
import { Variables } from './variables.ts';

export type Environment = Record<string, string | undefined>;

/** What the service runs with: parsed once at the start, paths absolute, times in milliseconds. */
export interface Config {
  profile: Variables['PROFILE'];
  apiKeys: string[];
  readAccess: 'open' | 'key';
  host: string;
  port: number;
  /** Where relative `repo.path`s start. */
  workingDirectory: string;
  agentHome: string;
  /** Dependency caches, shown read-only to tools. */
  cacheDir: string;
  workspaceRoot: string;
  /** That repositories may be fetched from, as `host` or `host:port`; none: nothing is fetched. */
  repoHosts: string[];
  /** Certificates that fetching trusts instead of the system's. */
  repoCaFile: string | undefined;
  edgePort: number;
  postgresPort: number;
  databaseUrl: string;
  awsEndpointUrl: string | undefined;
  awsRegion: string;
  queueName: string;
  deadLetterQueueName: string;
  presenceTable: string;
  workerConcurrency: number;
  leaseMs: number;
  maxAttempts: number;
  drainMs: number;
  maxQueued: number;
  rateLimitPerMinute: number;
  streamHeartbeatMs: number;
  maxStreams: number;
  /** Undefined: look for them on loopback. */
  modelServers: ModelServer[] | undefined;
  /** Empty without ALLOW_CLOUD: then nothing leaves the machine. */
  cloudModels: CloudModels[];
  modelsFile: string | undefined;
  modelPolicy: ModelPolicy;
  whenNoModel: Variables['WHEN_NO_MODEL'];
  replayFile: string | undefined;
  sandbox: Variables['SANDBOX'];
  toolsAllowed: string[];
  /** Folders in which tools are looked for: PATH. */
  searchPath: string[] | undefined;
  retentionDays: number;
  otelTracesExporter: Variables['OTEL_TRACES_EXPORTER'];
  otlpEndpoint: string | undefined;
  metricsNamespace: string;
  /** Where ECS is told that tasks are running; undefined elsewhere. */
  ecsAgentUri: string | undefined;
  logLevel: Variables['LOG_LEVEL'];
}

/** Which models may take tasks. */
export interface ModelPolicy {
  /** Undefined: of any licence. */
  licences: string[] | undefined;
  /** True when code may leave the machine. */
  allowCloud: boolean;
}

/** The environment is unusable; `flaws` is the complete list, one sentence each. */
export class ConfigError extends Error {
  readonly flaws: string[];

  constructor(flaws: string[], options?: ErrorOptions) {
    super(
      `the configuration has ${flaws.length === 1 ? 'a flaw' : `${flaws.length} flaws`}:\n${flaws
        .map((flaw) => `  - ${flaw}`)
        .join('\n')}`,
      options,
    );
    this.name = 'ConfigError';
    this.flaws = flaws;
  }
}

const DEVELOPMENT_KEY = 'dev-local';

/** Reads the environment; empty values count as unset. Throws `ConfigError` with everything that is wrong. */
export function loadConfig(environment: Environment): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const flaws: string[] = [];
  const variables = readVariables(given, flaws);
  const config = assemble(variables, flaws);
  flaws.push(...keyFlaws(variables, config), ...serviceFlaws(variables));
  if (flaws.length > 0) throw new ConfigError(flaws);
  return config;
}

const Known = Variables.extend({ PATH: z.string().optional() });

/** A flawed variable counts as unset for the checks that follow: everything that is wrong is told at once. */
function readVariables(given: Environment, flaws: string[]): z.infer<typeof Known> {
  const parsed = Known.safeParse(given, { error: flawWords });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  flaws.push(
    ...issues.map(({ path, message }) => `${path.join('.')}: ${said(given, path, message)}`),
  );
  const flawed = new Set(issues.map(({ path }) => path[0]));
  return Known.parse(
    Object.fromEntries(Object.entries(given).filter(([name]) => !flawed.has(name))),
  );
}

/** An address may hold a password, which is not for the screen. */
function said(given: Environment, [name]: readonly PropertyKey[], message: string): string {
  const isShown = typeof name === 'string' && !/KEY|URL|SECRET/.test(name);
  return isShown ? `${message}, not ${JSON.stringify(given[name])}` : message;
}

function assemble(v: Variables & { PATH?: string | undefined }, flaws: string[]): Config {
  return {
    profile: v.PROFILE,
    apiKeys: readKeys(v, flaws),
    readAccess: v.READ_ACCESS ?? (v.PROFILE === 'embedded' && isLoopback(v.HOST) ? 'open' : 'key'),
    host: v.HOST,
    port: v.PORT,
    workingDirectory: process.cwd(),
    agentHome: resolve(v.AGENT_HOME),
    cacheDir: resolve(v.CACHE_DIR ?? join(v.AGENT_HOME, 'caches')),
    workspaceRoot: resolve(v.WORKSPACE_ROOT),
    repoHosts: parseRepoHosts(v.REPO_HOSTS, flaws),
    repoCaFile: existingFile('REPO_CA_FILE', v.REPO_CA_FILE, flaws),
    edgePort: v.EDGE_PORT,
    postgresPort: v.POSTGRES_PORT,
    databaseUrl: v.DATABASE_URL ?? `postgresql://agent@127.0.0.1:${v.POSTGRES_PORT}/agent`,
    awsEndpointUrl: awsEndpoint(v),
    awsRegion: v.AWS_REGION,
    queueName: v.QUEUE_NAME,
    deadLetterQueueName: v.DEAD_LETTER_QUEUE_NAME,
    presenceTable: v.PRESENCE_TABLE,
    workerConcurrency: v.WORKER_CONCURRENCY,
    leaseMs: v.LEASE_MS,
    maxAttempts: v.MAX_ATTEMPTS,
    drainMs: v.DRAIN_MS,
    maxQueued: v.MAX_QUEUED,
    rateLimitPerMinute: v.RATE_LIMIT_PER_MINUTE,
    streamHeartbeatMs: v.STREAM_HEARTBEAT_MS,
    maxStreams: v.MAX_STREAMS,
    modelServers: parseModelServers(v.MODEL_SERVERS, v.ALLOW_CLOUD === '1', flaws),
    cloudModels: readCloudModels(v),
    modelsFile: existingFile('MODELS_FILE', v.MODELS_FILE, flaws),
    modelPolicy: {
      licences: v.LICENCES_ALLOWED === undefined ? undefined : commaList(v.LICENCES_ALLOWED),
      allowCloud: v.ALLOW_CLOUD === '1',
    },
    whenNoModel: v.WHEN_NO_MODEL,
    replayFile: existingFile('REPLAY_FILE', v.REPLAY_FILE, flaws),
    sandbox: v.SANDBOX,
    toolsAllowed: commaList(v.TOOLS_ALLOWED),
    searchPath: v.PATH?.split(delimiter).filter(isHostFolder),
    retentionDays: v.RETENTION_DAYS,
    otelTracesExporter: v.OTEL_TRACES_EXPORTER,
    otlpEndpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT,
    metricsNamespace: v.METRICS_NAMESPACE,
    ecsAgentUri: v.ECS_AGENT_URI,
    logLevel: v.LOG_LEVEL,
  };
}

function keyFlaws(v: Variables, config: Config): string[] {
  const isDefault = config.apiKeys.includes(DEVELOPMENT_KEY);
  if (v.PROFILE === 'embedded') {
    if (isLoopback(v.HOST) || !isDefault) return [];
    return [`API_KEY: HOST ${v.HOST} is reachable by others; set a key of your own`];
  }
  if (isDefault) return [`API_KEY: ${DEVELOPMENT_KEY} is for profile embedded only; set your own`];
  if (config.apiKeys.length > 0) return [];
  return [`API_KEY: profile ${v.PROFILE} needs one (or API_KEY_FILE)`];
}

function serviceFlaws(v: Variables): string[] {
  const flaws: string[] = [];
  if (v.PROFILE !== 'embedded' && v.DATABASE_URL === undefined) {
    flaws.push(`DATABASE_URL: profile ${v.PROFILE} has no embedded Postgres; name one`);
  }
  if (v.PROFILE === 'aws' && v.AWS_ENDPOINT_URL !== undefined) {
    flaws.push('AWS_ENDPOINT_URL: profile aws talks to AWS itself; unset it');
  }
  if (v.PROFILE === 'localstack' && v.AWS_ENDPOINT_URL === undefined) {
    flaws.push('AWS_ENDPOINT_URL: profile localstack needs one, such as http://localhost:4566');
  }
  if (v.OTEL_TRACES_EXPORTER === 'otlp' && v.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) {
    flaws.push('OTEL_EXPORTER_OTLP_ENDPOINT: OTEL_TRACES_EXPORTER=otlp needs a collector');
  }
  return flaws;
}

function readKeys(v: Variables, flaws: string[]): string[] {
  if (v.API_KEY !== undefined) return someKeys('API_KEY', v.API_KEY, flaws);
  const file = existingFile('API_KEY_FILE', v.API_KEY_FILE, flaws);
  if (file !== undefined) return someKeys('API_KEY_FILE', readFileSync(file, 'utf8'), flaws);
  return v.PROFILE === 'embedded' ? [DEVELOPMENT_KEY] : [];
}

/** Without a key nobody could submit anything. */
function someKeys(name: string, text: string, flaws: string[]): string[] {
  const keys = commaList(text.replaceAll('\n', ','));
  if (keys.length === 0) flaws.push(`${name}: it holds no key; unset it, or put a key there`);
  return keys;
}

function awsEndpoint(v: Variables): string | undefined {
  if (v.AWS_ENDPOINT_URL !== undefined) return v.AWS_ENDPOINT_URL;
  return v.PROFILE === 'embedded' ? `http://127.0.0.1:${v.EDGE_PORT}` : undefined;
}

function existingFile(name: string, path: string | undefined, flaws: string[]): string | undefined {
  if (path === undefined) return undefined;
  const absolute = resolve(path);
  if (existsSync(absolute)) return absolute;
  flaws.push(`${name}: there is no file ${absolute}`);
  return undefined;
}

function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** npm puts the tools of this project in front; a task gets those of the machine. */
function isHostFolder(folder: string): boolean {
  return folder !== '' && !folder.endsWith('node_modules/.bin');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
