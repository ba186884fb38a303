import { type Config, loadConfig } from './config.ts';

/** The configuration of this process. Throws `ConfigError` with the complete list of flaws. */
export function processConfig(): Config {
  return loadConfig(process.env);
}
