import { join } from 'node:path';
import type { Config, Environment } from '../../lib/config/config.ts';
import type { Services } from './services.ts';

/** The environment of the API and the worker: the user's, with every address and folder as it was found. */
export function childEnvironment(
  env: Environment,
  config: Config,
  services: Services,
): NodeJS.ProcessEnv {
  return {
    ...env,
    ...(services.edge === undefined ? {} : EMULATOR_CREDENTIALS),
    ...(services.awsEndpointUrl === undefined ? {} : { AWS_ENDPOINT_URL: services.awsEndpointUrl }),
    AWS_REGION: config.awsRegion,
    // Elsewhere than on Lambda the metrics library looks for an agent on port 25888 and takes the process down.
    AWS_EMF_ENVIRONMENT: 'Local',
    DATABASE_URL: services.databaseUrl,
    PROFILE: config.profile,
    HOST: config.host,
    PORT: String(config.port),
    EDGE_PORT: String(services.edge?.port ?? config.edgePort),
    POSTGRES_PORT: String(services.postgresPort || config.postgresPort),
    AGENT_HOME: config.agentHome,
    CACHE_DIR: config.cacheDir,
    WORKSPACE_ROOT: config.workspaceRoot,
    // Their output goes to files.
    NO_COLOR: '1',
    SLS_INTERACTIVE_SETUP_ENABLE: '0',
    // Its cache; by default it would write into the user's home.
    SLS_SCHEMA_CACHE_BASE_DIR: join(config.agentHome, 'cache'),
  };
}

/** The user's own credentials have no business in an emulator. */
const EMULATOR_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
};
