import { delimiter } from 'node:path';
import { execa } from 'execa';
import { errorCode } from '../sandbox/workspace/deniedPath.ts';

export interface GitCommand {
  /** Absolute; a bare repository of ours, or an empty folder that becomes one. */
  repository: string;
  args: readonly string[];
  /** Instead of the certificates of the system. */
  caFile: string | undefined;
  searchPath: readonly string[] | undefined;
  signal: AbortSignal;
}

export type GitOutcome =
  | { kind: 'done'; output: string }
  | { kind: 'failed'; message: string }
  | { kind: 'absent' };

/** Settings of which none may come from a user, a system or a repository. */
const SETTINGS = [
  'protocol.allow=never',
  'protocol.https.allow=always',
  // A host that is allowed must not send us to one that is not.
  'http.followRedirects=false',
  'http.sslVerify=true',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=30',
  'credential.helper=',
  'core.askPass=',
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'core.fsmonitor=false',
  'core.autocrlf=false',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'fetch.fsckObjects=true',
  'submodule.recurse=false',
  'gc.auto=0',
  'maintenance.auto=false',
];

const MOST_OUTPUT_BYTES = 64 * 1024 ** 2;
const USUAL_FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin'];

/** Runs git with nothing of this process's environment and nobody's configuration. Throws the signal's abort reason. */
export async function runGit(command: GitCommand): Promise<GitOutcome> {
  const { repository, args, caFile, searchPath, signal } = command;
  const settings = caFile === undefined ? SETTINGS : [...SETTINGS, `http.sslCAInfo=${caFile}`];
  const given = settings.flatMap((setting) => ['-c', setting]);
  signal.throwIfAborted();
  const run = execa('git', [...given, `--git-dir=${repository}`, ...args], {
    cwd: repository,
    extendEnv: false,
    env: {
      PATH: (searchPath ?? USUAL_FOLDERS).join(delimiter),
      // Where .netrc and .gitconfig would be.
      HOME: repository,
      XDG_CONFIG_HOME: repository,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_ALLOW_PROTOCOL: 'https',
      GIT_TERMINAL_PROMPT: '0',
      GIT_LFS_SKIP_SMUDGE: '1',
      LC_ALL: 'C',
    },
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: true,
    maxBuffer: MOST_OUTPUT_BYTES,
    // A group of its own: the helpers that git starts hold its pipes, and end with it.
    detached: true,
  });
  const end = () => killGroup(run.pid);
  signal.addEventListener('abort', end, { once: true });
  const ran = await run.finally(() => signal.removeEventListener('abort', end));
  signal.throwIfAborted();
  if (ran.code === 'ENOENT') return { kind: 'absent' };
  if (!ran.failed) return { kind: 'done', output: ran.stdout ?? '' };
  return {
    kind: 'failed',
    message:
      complaintIn(ran.stderr ?? '') ?? `it failed with ${ran.exitCode ?? ran.code ?? ran.signal}`,
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** The lines that say what is wrong, without progress and hints. */
function complaintIn(stderr: string): string | undefined {
  const lines = stderr.split(/[\r\n]+/).filter((line) => /^(?:fatal|error|remote): /.test(line));
  return lines.length === 0 ? undefined : lines.join(' ').slice(0, 1_000);
}
