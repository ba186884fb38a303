import 'vitest';

declare module 'vitest' {
  /** What test/support/globalSetup.ts started, for the tests' own processes. */
  export interface ProvidedContext {
    /** Of a superuser; test databases are made beside it. */
    postgresUrl: string;
    /** A migrated database that nobody connects to: the template of the test databases. */
    templateDatabase: string;
    edgeUrl: string;
  }
}
