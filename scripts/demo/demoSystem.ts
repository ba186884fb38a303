import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectMachine } from '../../lib/composeWorker.ts';
import { type Environment, loadConfig } from '../../lib/config/config.ts';
import { openSeparateHome, separateEnvironment } from '../start/separateSystem.ts';
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

/** Temporary folders and free ports for a system of its own; looks whether a model can be asked. */
export async function setStage(inherited: Environment): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'agent-demo-'));
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  try {
    const workspace = join(root, 'workspace');
    const home = join(root, 'home');
    mkdirSync(workspace);
    openSeparateHome(home);
    const apiKey = 'demo-key';
    const env = separateEnvironment(inherited, { home, workspace, apiKey });
    const { models } = await inspectMachine({ ...loadConfig(env), logLevel: 'error' });
    const hasModel = models.some(({ llm }) => llm);
    const replay = hasModel ? {} : { REPLAY_FILE: SCRIPTED_ANSWERS };
    return { env: { ...env, ...replay }, workspace, apiKey, hasModel, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
