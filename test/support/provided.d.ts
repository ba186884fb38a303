import 'vitest';
import type { Emulator } from './emulator.ts';

declare module 'vitest' {
  /** What test/support/globalSetup.ts started, for the tests' own processes. */
  export interface ProvidedContext {
    /** Of a superuser; test databases are made beside it. */
    postgresUrl: string;
    /** A migrated database that nobody connects to: the template of the test databases. */
    templateDatabase: string;
    /** Where SQS and DynamoDB answer, and what answers there. */
    emulator: Emulator;
  }

  export interface TaskMeta {
    /** Why the test was skipped. */
    skipped?: string;
  }
}
