export interface Limits {
  wallMs: number;
  cpuSeconds: number;
  memoryMiB: number;
  processes: number;
  outputBytes: number;
  fileMiB: number;
  /** Size of each scratch file system (/tmp, home, /dev/shm). */
  scratchMiB: number;
  /** Largest growth of the workspace. */
  workspaceMiB: number;
}

export interface ExecRequest {
  /** Name of a tool on the allowlist: never a path. */
  tool: string;
  args: readonly string[];
  /** Absolute host path of the task's copy; inside it is /workspace, read-write, and the working directory. */
  workspace: string;
  /** Absolute host folder that inside is /report, read-write: where tools leave their reports. */
  reportDir?: string | undefined;
  /** Extra environment; only names on the policy's list are taken. */
  env?: Readonly<Record<string, string>>;
  limits?: Partial<Limits>;
  signal: AbortSignal;
}

/** The first reason why the run ended; later ones are consequences. */
export type Termination =
  | 'exited'
  | 'signalled'
  | 'wall_timeout'
  | 'cpu_limit'
  | 'memory_limit'
  | 'output_limit'
  | 'disk_limit'
  | 'cancelled';

/** Which limit or signal ended a run. */
export interface Stopped {
  /** With the limit, as a part of a sentence. */
  reason: string;
  /** What to do about it. */
  remedy: string;
}

/** A write that the walls refused, as the init of the sandbox saw it coming. */
export interface AuditRecord {
  /** Name of the process (at most 15 bytes), for example `java`, and its id inside. */
  comm: string;
  pid: number;
  /** `openat`, `rename`, `unlinkat` ... */
  syscall: string;
  /** As the program asked. */
  path: string;
  /** Absolute path inside, every link followed. */
  real: string;
}

export interface ExecRan {
  kind: 'ran';
  exit: number | null;
  signal: string | null;
  termination: Termination;
  stdout: string;
  stderr: string;
  truncated: boolean;
  wallMs: number;
  peakRssMiB: number;
  /** Absent when it ended by itself or was cancelled. */
  stopped?: Stopped | undefined;
  /** The first 1,000; empty where the sandbox runs without audit, which its status says. */
  audit: readonly AuditRecord[];
  /** How many more there were (at least, when the run was killed). */
  auditDropped: number;
}

/** The policy forbids it; nothing was started. */
export interface ExecDenied {
  kind: 'denied';
  tool: string;
  reason: string;
}

/** Isolation or the tool itself is missing; nothing was started. */
export interface ExecUnavailable {
  kind: 'unavailable';
  what: 'sandbox' | 'tool';
  reason: string;
  remedy: string;
}

export type ExecOutcome = ExecRan | ExecDenied | ExecUnavailable;

export interface Toolchain {
  tool: string;
  /** Absolute host path. */
  path: string;
  version: string;
}

export interface SandboxStatus {
  /** `none`: execution is refused. */
  tier: 'bubblewrap' | 'namespaces' | 'none';
  detail: string;
  /** What to do for a better tier; absent at the best one. */
  remedy?: string | undefined;
  /** The claims that were proved by trying them when the tier was probed. */
  proved: { claim: string; held: boolean }[];
  /** Who holds memory and processes of a run to their limits; absent where nothing is run. */
  limits?: { by: 'cgroup' | 'watchdog'; detail: string; remedy?: string | undefined } | undefined;
}

/**
 * Runs what a model wrote and the tools that judge it, isolated: no network, a cleared environment, nothing writable but
 * the workspace, /report and scratch. Fails closed: without isolation every `exec` is `unavailable`.
 * `exec` resolves only when no process of the run is left; it rejects only for a broken promise of the host.
 */
export interface Sandbox {
  status(): SandboxStatus;
  /** The tools of the allowlist that this machine has. */
  toolchains(): Promise<Toolchain[]>;
  exec(request: ExecRequest): Promise<ExecOutcome>;
}
