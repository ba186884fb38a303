import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { loadConfig } from '../../../lib/config/config.ts';
import { readDockerfile } from '../../support/dockerfile.ts';
import { unknownVariables } from '../../support/templateEnvironment.ts';

const root = join(import.meta.dirname, '../../..');

const Service = z.strictObject({
  image: z.string(),
  build: z
    .object({ context: z.literal('.'), dockerfile: z.string(), target: z.string().optional() })
    .optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({}).optional(),
  security_opt: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  extra_hosts: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
  restart: z.string(),
});
const Compose = z.object({
  services: z.object({
    api: Service,
    migrate: Service,
    worker: Service,
    postgres: Service,
    edge: Service,
  }),
  volumes: z.record(z.string(), z.unknown()),
});
const { services, volumes } = Compose.parse(
  parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }),
);
const { api, migrate, worker, postgres, edge } = services;
const all = Object.entries(services);

/** As compose fills in `${NAME:-default}` and `${NAME:?message}`. */
function filled(service: typeof api, environment: Record<string, string>): Record<string, string> {
  const fill = (text: string) =>
    text.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_, name: string, kind: string, rest: string) => {
      const given = environment[name];
      if (given === undefined && kind === '?') throw new Error(rest);
      return given ?? rest;
    });
  return Object.fromEntries(
    Object.entries(service.environment).map(([name, text]) => [name, fill(text)]),
  );
}

test.each([
  ['api', api],
  ['migrate', migrate],
  ['worker', worker],
])('%s starts with what it is given', (_name, service) => {
  expect(unknownVariables(Object.keys(service.environment))).toEqual([]);
  expect(loadConfig(filled(service, { API_KEY: 'mine' }))).toMatchObject({
    profile: 'localstack',
    readAccess: 'key',
    apiKeys: ['mine'],
    awsEndpointUrl: 'http://edge:4566',
    databaseUrl: 'postgresql://agent:agent@postgres:5432/agent',
    queueName: 'agent-tasks',
  });
  expect(() => filled(service, {})).toThrow('set API_KEY to a key of your own');
});

test('the database and the edge are where the others look for them', () => {
  const { username, password, hostname, pathname } = new URL(api.environment['DATABASE_URL'] ?? '');
  expect(postgres.environment).toEqual({
    POSTGRES_USER: username,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: pathname.slice(1),
  });
  expect(Object.keys(services)).toContain(hostname);
  expect(edge.environment['SERVICES']).toBe('sqs,dynamodb');
  expect(edge.volumes[0]).toMatch(/^\.\/infra\/localstack\/ready\.d:/);
  expect(existsSync(join(root, 'infra/localstack/ready.d/10-resources.sh'))).toBe(true);
});

test('only the API is reached from outside, at 8080 of this machine', () => {
  expect(all.filter(([, { ports }]) => ports.length > 0).map(([name]) => name)).toEqual(['api']);
  expect(api.ports).toEqual(['127.0.0.1:8080:8080']);
});

test('images have exact versions, and what is built here has its stage', () => {
  const stages = readDockerfile('functions/worker/Dockerfile')
    .filter(({ name }) => name === 'FROM')
    .map(({ text }) => /\sAS\s+(\S+)$/i.exec(text)?.[1]);
  for (const [name, { image }] of all) expect(image, name).toMatch(/:\d+\.\d+/);
  const targets = all.flatMap(([, { build }]) => build?.target ?? []);
  expect(targets).toEqual(['api', 'api']);
  expect(stages).toContain('api');
  expect(worker.build).toEqual({ context: '.', dockerfile: 'functions/worker/Dockerfile' });
});

test('the schema is there before anybody works with it, and nobody waits for somebody unknown', () => {
  expect(migrate.entrypoint).toEqual(['node', 'scripts/migrate.ts']);
  expect(existsSync(join(root, 'scripts/migrate.ts'))).toBe(true);
  for (const service of [api, worker]) {
    expect(service.depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
      edge: { condition: 'service_healthy' },
    });
  }
  expect(migrate.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
  for (const service of [postgres, edge]) expect(service.healthcheck).toHaveProperty('test');
});

test('the worker may make namespaces, has no capability, and time to drain', () => {
  expect(worker.security_opt).toContain('seccomp=unconfined');
  expect(worker.security_opt).toContain('systempaths=unconfined');
  expect(worker.cap_drop).toEqual(['ALL']);
  const { drainMs } = loadConfig(filled(worker, { API_KEY: 'mine' }));
  expect(Number.parseInt(worker.stop_grace_period ?? '', 10) * 1_000).toBeGreaterThan(
    drainMs + 10_000,
  );
});

test('dependencies come from outside, where the worker looks for them and cannot write', () => {
  const { cacheDir } = loadConfig(filled(worker, { API_KEY: 'mine' }));
  expect(worker.volumes).toContain(`./caches:${cacheDir}:ro`);
});

test('every named volume is declared', () => {
  const named = all
    .flatMap(([, service]) => service.volumes)
    .map((volume) => volume.split(':')[0] ?? '')
    .filter((source) => !source.startsWith('.'));
  expect(Object.keys(volumes).sort()).toEqual(named.sort());
});
