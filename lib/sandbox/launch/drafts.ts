import fs from 'node:fs';
import path from 'node:path';

/** Names in the environment of a launcher the folder of the service that started it. */
export const DRAFTS = 'SANDBOX_DRAFTS';

/**
 * Makes a folder for this process below AGENT_HOME/sandbox. What processes that died without a word have left goes: their
 * folders, and before those the launches that nobody guarded (without a C compiler there is no guard).
 */
export function draftsFolder(agentHome: string, purpose: 'pipes' | 'probe' | 'versions'): string {
  const parent = path.join(agentHome, 'sandbox');
  fs.mkdirSync(parent, { recursive: true });
  for (const name of fs.readdirSync(parent)) {
    const pid = /^(?:pipes|probe|versions)-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || fs.existsSync(`/proc/${pid}`)) continue;
    const folder = path.join(parent, name);
    endLaunchesOf(folder);
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return fs.mkdtempSync(path.join(parent, `${purpose}-${process.pid}-`));
}

/** Only what names this very folder is ended. A guard is asked: it ends what is below it, and then itself. */
function endLaunchesOf(folder: string): void {
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!wordsOf(pid, 'environ').includes(`${DRAFTS}=${folder}`)) continue;
    const isGuard = wordsOf(pid, 'cmdline')[1] === 'guard';
    signalIfAlive(Number(pid), isGuard ? 'SIGTERM' : 'SIGKILL');
  }
}

function wordsOf(pid: string, file: 'environ' | 'cmdline'): string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return []; // it ended meanwhile, or is somebody else's
  }
}

/** Does nothing when the process is gone. */
export function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
