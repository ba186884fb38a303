import { expect, test } from 'vitest';
import { loadConfig } from '../../../lib/config/config.ts';
import { readDockerfile } from '../../support/dockerfile.ts';
import {
  functionVariables,
  unknownVariables,
  workerContainer,
} from '../../support/templateEnvironment.ts';

const SECRETS = { API_KEY: 'k', DATABASE_URL: 'postgresql://agent:secret@db.example/agent' };

/** What parameters and the references to a secret become at stage prod. */
function resolved(text: string): string {
  if (text.startsWith('{{resolve:')) {
    return text.endsWith(':api_key}}') ? SECRETS.API_KEY : SECRETS.DATABASE_URL;
  }
  return text
    .replace('$' + '{param:suffix}', '-prod')
    .replace('$' + '{param:repoHosts}', PARAMETERS['RepoHosts'] ?? '');
}

const environments = readDockerfile('functions/worker/Dockerfile')
  .filter(({ name }) => name === 'ENV')
  .map(({ text }) => variablesIn(text));

/** `NAME=value` words. */
function variablesIn(text: string): Record<string, string> {
  const words = text.split(/\s+/).map((word) => word.split('=') as [string, string]);
  return Object.fromEntries(words);
}

/** ENV of the worker's image, which is the last. */
function imageVariables(): Record<string, string> {
  return environments.at(-1) ?? {};
}

test('every variable of the templates and of the image is one that somebody reads', () => {
  const { default: onAws, local } = functionVariables();
  const { Environment, Secrets } = workerContainer();
  expect(unknownVariables(Object.keys(onAws.environment))).toEqual([]);
  expect(unknownVariables(Object.keys(local.environment))).toEqual([]);
  expect(unknownVariables([...Environment, ...Secrets].map(({ Name }) => Name))).toEqual([]);
  expect(unknownVariables(environments.flatMap((each) => Object.keys(each)))).toEqual([]);
  expect(unknownVariables(['QUEUE_NAEM'])).toEqual(['QUEUE_NAEM']);
});

test('the functions start with what they are given', () => {
  const { environment } = functionVariables().default;
  const given = Object.entries(environment).map(([name, text]) => [name, resolved(text)]);
  const config = loadConfig({ ...Object.fromEntries(given), AWS_REGION: 'eu-central-1' });
  expect(config).toMatchObject({
    profile: 'aws',
    readAccess: 'key',
    apiKeys: ['k'],
    queueName: 'agent-tasks-prod',
    presenceTable: 'agent-presence-prod',
    metricsNamespace: 'MultiAgentCode-prod',
    awsEndpointUrl: undefined,
    repoHosts: ['github.com'],
  });
});

test('the worker starts with what the image and ECS give it, and works on the same queue', () => {
  const { Environment } = workerContainer();
  const told = Object.fromEntries(Environment.map(({ Name, Value }) => [Name, textOf(Value)]));
  const config = loadConfig({ ...imageVariables(), ...told, ...SECRETS });
  expect(config).toMatchObject({
    profile: 'aws',
    agentHome: '/var/lib/agent',
    workspaceRoot: '/workspace',
    queueName: 'agent-tasks-prod',
    deadLetterQueueName: 'agent-tasks-dead-prod',
    presenceTable: 'agent-presence-prod',
    metricsNamespace: 'MultiAgentCode-prod',
    modelServers: undefined,
    repoHosts: ['github.com'],
  });
});

/** Parameters of the stage prod. */
const PARAMETERS: Record<string, string> = {
  'AWS::Region': 'eu-central-1',
  Concurrency: '2',
  ModelServers: '',
  RepoHosts: 'github.com',
};

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[call = '', argument] = []] = Object.entries(value ?? {});
  const text = String(argument);
  return call === 'Ref' ? (PARAMETERS[text] ?? '') : text.replace('$' + '{Suffix}', '-prod');
}

test('functions and worker see the repositories at the same place', () => {
  const { environment } = functionVariables().default;
  expect(environment['WORKSPACE_ROOT']).toBe(imageVariables()['WORKSPACE_ROOT']);
});
