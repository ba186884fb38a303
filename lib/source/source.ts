/** A state of a repository that somebody else keeps. */
export interface RemoteTree {
  /** As TaskPayload has checked it: https, without credentials. */
  url: string;
  /** A branch, a tag or a full commit id; absent: the branch that the server names as its own. */
  ref?: string | undefined;
}

export interface FetchRequest extends RemoteTree {
  /** Absolute path of a folder that is not there yet; afterwards it holds the files, without `.git`. */
  to: string;
  signal: AbortSignal;
}

/** `denied`: it may not be had, or not so much of it. `missing`: it could not be had. */
export type Fetched =
  | { kind: 'fetched'; commit: string }
  | { kind: 'denied' | 'missing'; why: string; remedy: string };

/**
 * Gets repositories from the hosts that the operator allows, and from nobody else. Runs nothing of what it gets, and uses
 * no credentials. Throws only the abort reason of the signal, and what no caller can act on; then, and after anything but
 * `fetched`, `to` is not there.
 */
export interface Source {
  fetch(request: FetchRequest): Promise<Fetched>;
}
