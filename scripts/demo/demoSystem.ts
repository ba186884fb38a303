import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspectMachine } from '../../lib/composeWorker.ts';
import { type Environment, loadConfig } from '../../lib/config/config.ts';
import { SCRIPTED_ANSWERS } from './examples.ts';

export interface Stage {
  /** Variables of a service that shares nothing with any other. */
  env: Environment;
  workspace: string;
  apiKey: string;
  /** False: the small examples get the scripted answers that ship with them. */
  hasModel: boolean;
  remove(): void;
}

/** Where a sandbox tool that had to be fetched is kept, so that it is fetched once. */
const TOOLS = fileURLToPath(new URL('../../.agent/tools', import.meta.url));

/** Variables of the user's own service, which the demo must not touch. */
const NOT_INHERITED = ['DATABASE_URL', 'AWS_ENDPOINT_URL', 'API_KEY_FILE', 'READ_ACCESS'];

/** Temporary folders and free ports for a system of its own; looks whether a model can be asked. */
export async function setStage(inherited: Environment): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'agent-demo-'));
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  try {
    const workspace = join(root, 'workspace');
    const home = join(root, 'home');
    for (const folder of [workspace, home, TOOLS]) mkdirSync(folder, { recursive: true });
    symlinkSync(TOOLS, join(home, 'tools'));
    const apiKey = 'demo-key';
    const env = demoEnvironment(inherited, { home, workspace, apiKey });
    const { models } = await inspectMachine({ ...loadConfig(env), logLevel: 'error' });
    const hasModel = models.some(({ llm }) => llm);
    const replay = hasModel ? {} : { REPLAY_FILE: SCRIPTED_ANSWERS };
    return { env: { ...env, ...replay }, workspace, apiKey, hasModel, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function demoEnvironment(
  inherited: Environment,
  { home, workspace, apiKey }: { home: string; workspace: string; apiKey: string },
): Environment {
  const kept = Object.entries(inherited).filter(([name]) => !NOT_INHERITED.includes(name));
  return {
    ...Object.fromEntries(kept),
    PROFILE: 'embedded',
    HOST: '127.0.0.1',
    PORT: '0',
    EDGE_PORT: '0',
    POSTGRES_PORT: '0',
    AGENT_HOME: home,
    WORKSPACE_ROOT: workspace,
    API_KEY: apiKey,
    // After Ctrl-C nobody waits for the tasks of a demo.
    DRAIN_MS: '1000',
    LOG_LEVEL: inherited['LOG_LEVEL'] ?? 'info',
  };
}
