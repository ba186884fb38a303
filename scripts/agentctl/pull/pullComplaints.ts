import { Complaint } from '../complaint.ts';
import { EXIT } from '../exitCode.ts';
import { bytes as amount, oneLine } from '../render/text.ts';

const AGAIN = 'the same command again; it goes on where it stopped';

/** What a status means that will not pass by itself; undefined for those that may. */
export function refused(url: string, { status }: { status: number }): Complaint | undefined {
  if (status === 429 || status >= 500) return undefined;
  const what = `the server does not give ${url}`;
  if (status === 401 || status === 403) {
    const why = [`it answered ${status}: the file is only for those who have accepted its licence`];
    const next = 'fetch it with a browser and put it into AGENT_HOME/models';
    return new Complaint(EXIT.unauthorised, { what, why, next });
  }
  const exit = status === 404 || status === 410 ? EXIT.notFound : EXIT.rejected;
  return new Complaint(exit, { what, why: [`it answered ${status}`], next: 'correct the address' });
}

export function notAModel(url: string, start: Uint8Array): Complaint {
  const words = new TextDecoder().decode(start.subarray(0, 200));
  return new Complaint(EXIT.rejected, {
    what: `${url} is no GGUF file`,
    why: [`it starts with ${JSON.stringify(oneLine(words, 60))}`],
    next: 'name the address of the file itself; on Hugging Face it has /resolve/ in it',
  });
}

/** Before the transfer, or, with a cause, in the middle of it. */
export function noRoom(
  path: string,
  found: { missing: number; free: number } | { cause: unknown; bytes: number },
): Complaint {
  if ('cause' in found) {
    const text = {
      what: 'the disk is full',
      why: [`${amount(found.bytes)} had come; they are kept in ${path}`],
      next: `free some space, then ${AGAIN}`,
    };
    return new Complaint(EXIT.unexpected, text, { cause: found.cause });
  }
  return new Complaint(EXIT.unexpected, {
    what: 'the disk has no room for the file',
    why: [`${amount(found.missing)} are missing and ${amount(found.free)} are free at ${path}`],
    next: 'free some space, or set AGENT_HOME to another disk; then the same command again',
  });
}

export function wrongHash(file: string, expected: string, found: string): Complaint {
  return new Complaint(EXIT.rejected, {
    what: `${file} is not the file that was expected, and was deleted`,
    why: [`its sha256 is ${found}`, `expected was ${expected}`],
    next: 'the same command again; if it happens twice, the source was changed: do not use it',
  });
}

export function unusable(url: string, flaw: string): Complaint {
  return new Complaint(EXIT.rejected, {
    what: `what came from ${url} cannot be used, and was deleted`,
    why: [flaw],
    next: 'the same command again; if it happens twice, another source',
  });
}

export function otherFileThere(file: string, expected: string, found: string): Complaint {
  return new Complaint(EXIT.rejected, {
    what: `another file is in the place of ${file}`,
    why: [`its sha256 is ${found}`, `expected was ${expected}`],
    next: `remove ${file}, then the same command again`,
  });
}

export function changedSince(file: string, recorded: string, found: string): Complaint {
  return new Complaint(EXIT.rejected, {
    what: `${file} is no longer the file that was fetched`,
    why: [`its sha256 is ${found}`, `when it was fetched it was ${recorded}`],
    next: `remove ${file}, then the same command again`,
  });
}

const NO_NETWORK = /ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ENETDOWN/;

/** The last of several tries failed. */
export function gaveUp(
  url: string,
  cause: Error,
  kept: { path: string; bytes: number },
): Complaint {
  const { host } = new URL(url);
  const why = [cause.message];
  if (kept.bytes > 0) why.push(`${amount(kept.bytes)} had come; they are kept in ${kept.path}`);
  const offline = NO_NETWORK.test(cause.message);
  const text = {
    what: offline
      ? `this machine does not reach ${host}: it seems to be offline`
      : `${host} ${kept.bytes > 0 ? 'broke off' : 'does not answer'}`,
    why,
    next: offline
      ? 'fetch the file on a machine that is online and put it into AGENT_HOME/models'
      : AGAIN,
  };
  return new Complaint(EXIT.unreachable, text, { cause });
}
