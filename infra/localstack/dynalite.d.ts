declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    /** How long a table stays in CREATING, DELETING and UPDATING; 500 unless told. */
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
    /** A folder for LevelDB; in memory without. */
    path?: string;
  }

  function dynalite(options?: Options): Server;
  export = dynalite;
}
