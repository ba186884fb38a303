import { setTimeout as delay } from 'node:timers/promises';
import { isPortFree } from '../../infra/freePort.ts';
import { StartRefused } from './startRefused.ts';

export interface WantedPort {
  variable: 'PORT' | 'EDGE_PORT' | 'POSTGRES_PORT';
  /** For whom, in words. */
  purpose: string;
  host: string;
  /** 0 = any free one. */
  port: number;
}

const POLL_MS = 100;

/** Throws `StartRefused` with all that are taken once `patienceMs` have passed. */
export async function requireFreePorts(wanted: WantedPort[], patienceMs: number): Promise<void> {
  const deadline = AbortSignal.timeout(Math.max(1, patienceMs));
  for (;;) {
    const taken = await takenPorts(wanted);
    if (taken.length === 0) return;
    if (deadline.aborted || patienceMs === 0) throw refusal(taken);
    await delay(POLL_MS);
  }
}

async function takenPorts(wanted: WantedPort[]): Promise<WantedPort[]> {
  const taken: WantedPort[] = [];
  for (const each of wanted) {
    // Port 0 is never taken, but the address may be none of this machine.
    if (!(await canListen(each))) taken.push(each);
  }
  return taken;
}

async function canListen({ variable, purpose, host, port }: WantedPort): Promise<boolean> {
  try {
    return await isPortFree(port, host);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new StartRefused(
      `Nothing was started: ${variable}: ${port === 0 ? host : `${host}:${port}`}, wanted for ${purpose}, cannot be ` +
        `listened on (${found}). Correct HOST or ${variable}`,
      { cause },
    );
  }
}

function refusal(taken: WantedPort[]): StartRefused {
  const lines = taken.map(
    ({ variable, purpose, host, port }) =>
      `  - ${variable}: ${host}:${port}, wanted for ${purpose}, is taken by another program`,
  );
  const remedy = taken.map(({ variable }) => `${variable}=0`).join(' ');
  return new StartRefused(
    `Nothing was started:\n${lines.join('\n')}\n` +
      `Stop that program, or choose other ports; 0 means any free one: ${remedy} npm start`,
  );
}
