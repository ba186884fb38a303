import { chownSync } from 'node:fs';
import { execa } from 'execa';
import { closedTo, type User } from './closedTo.ts';

/** How to run a Postgres program: it refuses to run as root. */
export interface Unprivileged {
  /** Runs to its end; rejects with its output when it fails. */
  run(program: string, args: string[]): Promise<void>;
  /** Program and arguments to start, for a process that stays. */
  command(program: string, args: string[]): { file: string; args: string[]; identity: Identity };
  /** Gives a folder to the user that the programs run as. */
  own(folder: string): void;
}

interface Identity {
  uid?: number;
  gid?: number;
}

const NOBODY = 65_534;
const USER_NAMESPACE = ['-U', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];

/**
 * An ordinary user runs the programs directly. Root enters a user namespace in which it is nobody: files stay its own,
 * so a checkout below a 0700 home works. Where namespaces are forbidden, root becomes the user `postgres` or `nobody`;
 * throws, with what to do, when that user may not come to the programs, of which `probe` is one, or to `home`.
 */
export async function unprivileged(probe: string, home: string): Promise<Unprivileged> {
  if (process.getuid?.() !== 0) return runner([], {});
  const namespace = await execa('unshare', [...USER_NAMESPACE, probe, '--version'], {
    reject: false,
  });
  if (namespace.exitCode === 0) return runner(['unshare', ...USER_NAMESPACE], {});
  const user = await dedicatedUser();
  for (const path of [probe, home]) {
    const closed = closedTo(user, path);
    if (closed !== undefined) throw unreachable(user, path, closed);
  }
  return runner([], { uid: user.uid, gid: user.gid });
}

function unreachable({ name }: User, path: string, closed: string): Error {
  return new Error(
    `Postgres does not run as root, user namespaces are forbidden here, and the user ${name}, as whom it would run, may ` +
      `not enter ${closed}, in which ${path} lies. Move the checkout (and AGENT_HOME, if you set it) to a folder that ` +
      'others may enter, for example below /opt; or start as an ordinary user; or set DATABASE_URL to a Postgres of ' +
      'your own.',
  );
}

function runner(prefix: string[], identity: Identity): Unprivileged {
  const command = (program: string, args: string[]) => {
    const [file = program, ...rest] = [...prefix, program, ...args];
    return { file, args: rest, identity };
  };
  return {
    command,
    own: (folder) => {
      if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid ?? -1);
    },
    run: async (program, args) => {
      const { file, args: all } = command(program, args);
      await execa(file, all, { ...identity, env: { LC_ALL: 'C' }, stdin: 'ignore' });
    },
  };
}

async function dedicatedUser(): Promise<User> {
  for (const name of ['postgres', 'nobody']) {
    const uid = await execa('id', ['-u', name], { reject: false });
    const gid = await execa('id', ['-g', name], { reject: false });
    if (uid.exitCode === 0 && gid.exitCode === 0) {
      return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
    }
  }
  throw new Error(
    'Postgres does not run as root, user namespaces are forbidden here and there is neither a user postgres nor ' +
      'nobody. Start as an ordinary user, or set DATABASE_URL to a Postgres of your own.',
  );
}
