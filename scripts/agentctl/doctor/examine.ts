import { isPortFree } from '../../../infra/freePort.ts';
import { ApiProblem, Unreachable } from '../../../lib/client/errors.ts';
import { inspectMachine } from '../../../lib/composeWorker.ts';
import { type Config, ConfigError, loadConfig } from '../../../lib/config/config.ts';
import type { Context } from '../context.ts';
import { type Check, fail, ok } from './check.ts';
import { machineChecks } from './machineChecks.ts';
import { findLocalRuntime, runtimeCheck } from './runtimeCheck.ts';
import { keyCheck, portCheck, serviceChecks } from './serviceChecks.ts';

/** Tries everything that the service needs: the running service itself, and what this machine brings along. */
export async function examine(context: Context): Promise<Check[]> {
  const node = ok('node', `${process.versions.node} at ${process.execPath}`);
  const config = readConfig(context);
  if (!('apiKeys' in config)) return [node, config, ...(await examineService(context, undefined))];
  return [node, ...(await examineService(context, config)), ...(await examineMachine(config))];
}

function readConfig({ host }: Context): Config | Check {
  try {
    return loadConfig({ ...host.environment });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return fail('configuration', error.flaws.join('; '), 'agentctl config --service');
  }
}

async function examineService(context: Context, config: Config | undefined): Promise<Check[]> {
  const { client, settings } = context;
  try {
    const health = await client.health();
    return [...serviceChecks(settings.url, health), await tryKey(context)];
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof ApiProblem)) throw error;
    const down = serviceChecks(settings.url, error.message);
    return config === undefined ? down : [...down, ...(await tryPorts(config))];
  }
}

/** A dry run of nothing: a good key is told that the payload is bad, a bad key is told so first. */
async function tryKey({ client, settings }: Context): Promise<Check> {
  const { source } = settings.sources.apiKey;
  try {
    await client.submitTask({}, { dryRun: true });
    return keyCheck(200, source);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return keyCheck(error.problem.status, source);
  }
}

/** Nothing answers, so the ports have to be free for a start. */
async function tryPorts({ host, port, edgePort, postgresPort }: Config): Promise<Check[]> {
  const wanted = [
    { variable: 'PORT', port, host },
    { variable: 'EDGE_PORT', port: edgePort, host: '127.0.0.1' },
    { variable: 'POSTGRES_PORT', port: postgresPort, host: '127.0.0.1' },
  ];
  const tried = wanted
    .filter((each) => each.port !== 0)
    .map(async (each) => portCheck(each, await isPortFree(each.port, each.host)));
  return Promise.all(tried);
}

async function examineMachine(config: Config): Promise<Check[]> {
  // Its log goes to stdout, where the findings go.
  const machine = await inspectMachine({ ...config, logLevel: 'error' });
  const runtime = runtimeCheck(findLocalRuntime(config.agentHome), machine.gpu);
  return [...machineChecks(machine), ...runtime];
}
