/** The little of the serverless framework that the plugins touch. */
export interface Serverless {
  /** Absolute path of the folder of serverless.yml. */
  serviceDir: string;
  service: {
    provider: { stage: string; region: string; environment?: Record<string, string> };
    functions: Record<string, unknown>;
    custom?: { gateway?: unknown };
    resources?: unknown;
  };
  pluginManager: { plugins: object[] };
}

export interface PluginTools {
  log: PluginLog;
}

interface PluginLog {
  notice(text: string): void;
  warning(text: string): void;
  error(text: string): void;
}
