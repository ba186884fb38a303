import { type Config, ConfigError } from '../../lib/config/config.ts';

/** Throws `ConfigError` for a flawed MODELS_FILE or REPLAY_FILE: the worker could not start, again and again. */
export async function requireModelFiles(config: Config): Promise<void> {
  if (config.modelsFile === undefined && config.replayFile === undefined) return;
  // Loaded here only: it brings the worker's rooms along.
  const { checkModelFiles } = await import('../../lib/composeWorker.ts');
  try {
    checkModelFiles(config);
  } catch (cause) {
    const flaws = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([`MODELS_FILE or REPLAY_FILE is flawed:\n${flaws}`], { cause });
  }
}
