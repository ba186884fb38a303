import { execFileSync } from 'node:child_process';

export interface Listed {
  pid: number;
  parent: number;
  state: string;
  command: string;
}

/** Every process of this machine. */
export function processes(): Listed[] {
  const listing = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return listing.split('\n').flatMap((line) => {
    const [, pid, parent, state = '', command = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), state, command }];
  });
}

/** Not so for a process that has ended and that nobody has asked how. */
export function isRunning(wanted: number | undefined): boolean {
  return processes().some(({ pid, state }) => pid === wanted && !state.startsWith('Z'));
}
