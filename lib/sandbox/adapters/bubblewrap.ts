import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from '../../telemetry/telemetry.ts';
import { draftsFolder } from '../launch/drafts.ts';
import { type OpenTier, openTier } from '../openTier.ts';
import { environmentFlaw } from '../policy/environment.ts';
import { limitsOf } from '../policy/limits.ts';
import { argumentFlaw, memoryArguments, toolRules } from '../policy/tools.ts';
import { type Command, type Runner, runCommand } from '../run/runner.ts';
import type {
  ExecOutcome,
  ExecRequest,
  ExecUnavailable,
  Limits,
  Sandbox,
  Toolchain,
} from '../sandbox.ts';
import { cachesOf } from '../toolchain/caches.ts';
import { GoCache } from '../toolchain/goCache.ts';
import { type HostTool, usualFolders } from '../toolchain/hostTool.ts';
import { gradleWrapper, openToolbox, type Toolbox } from '../toolchain/toolbox.ts';
import { Versions, versionIn } from '../toolchain/versions.ts';
import { DeniedPath } from '../workspace/deniedPath.ts';

export interface SandboxOptions {
  /** Absolute. Keeps what was fetched (`tools`) and what was found out (`sandbox`). */
  agentHome: string;
  /** Absolute folder of the dependency caches; without it `caches` below `agentHome`. */
  cacheDir?: string;
  /** `strict`: bubblewrap or nothing is run; `auto`: also namespaces; `fallback`: these even without a system call filter. */
  mode: 'auto' | 'strict' | 'fallback';
  /** Names of commands beyond the built-in list. */
  toolsAllowed: readonly string[];
  logger: Logger;
  /** Folders of commands, in order; without it the usual ones. */
  searchPath?: readonly string[];
}

/** Opens the sandbox of this machine: finds or fetches bubblewrap, tries to break out of it, and fails closed. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { agentHome, mode, logger, searchPath = usualFolders() } = options;
  const { cacheDir = path.join(agentHome, 'caches') } = options;
  const toolbox = openToolbox(toolRules(options.toolsAllowed), searchPath);
  const tier = await openTier({ agentHome, mode, searchPath, shown: toolbox.all(), logger });
  logger.info('the sandbox was probed', { tier: tier.status.tier, detail: tier.status.detail });
  const versions = new Versions(path.join(agentHome, 'sandbox', 'versions.json'));
  const goCache = new GoCache(path.join(cacheDir, 'go-build'), (command) =>
    endsWell(tier.runner, command),
  );
  let asked: Promise<Toolchain[]> | undefined;
  return {
    status: () => tier.status,
    toolchains: () => {
      asked ??= askVersions(toolbox, tier.runner, { versions, agentHome });
      return asked;
    },
    exec: (request) => exec({ toolbox, tier, cacheDir, goCache }, request),
  };
}

interface Opened {
  toolbox: Toolbox;
  tier: OpenTier;
  cacheDir: string;
  goCache: GoCache;
}

async function exec(
  { toolbox, tier, cacheDir, goCache }: Opened,
  request: ExecRequest,
): Promise<ExecOutcome> {
  const { tool: name, args, workspace, reportDir, env = {}, signal } = request;
  const rule = toolbox.rule(name);
  const reason =
    rule === undefined
      ? `${JSON.stringify(name)} is not on the list of allowed tools`
      : (argumentFlaw(args) ?? environmentFlaw(env));
  if (rule === undefined || reason !== undefined)
    return { kind: 'denied', tool: name, reason: `${reason}` };
  if (tier.runner === undefined) return noSandbox(tier.status.detail, tier.status.remedy);
  const tool = name === 'gradlew' ? gradleWrapper(workspace) : toolbox.find(name);
  if (tool === undefined) return noTool(name, rule.debian);
  const limits = limitsOf(request.limits);
  await fillGoCache(goCache, tool, { limits, signal });
  if (signal.aborted) return CANCELLED;
  try {
    const ran = await runCommand(tier.runner, {
      words: [...tool.command, ...memoryArguments(name, limits.memoryMiB), ...args],
      tools: [tool, ...toolbox.companionsOf(name)],
      caches: cachesOf(name, cacheDir),
      ...{ workspace, reportDir, environment: env, limits, signal },
    });
    return ran.kind === 'ran' ? ran : noSandbox(`it could not be set up: ${ran.stderr.trim()}`);
  } catch (error) {
    if (!(error instanceof DeniedPath)) throw error;
    return { kind: 'denied', tool: name, reason: error.message };
  }
}

async function endsWell(runner: Runner | undefined, command: Command): Promise<boolean> {
  if (runner === undefined) return false;
  const ran = await runCommand(runner, command);
  return ran.kind === 'ran' && ran.exit === 0;
}

/** Within the run's own time, of which less is left then. */
async function fillGoCache(
  goCache: GoCache,
  tool: HostTool,
  { limits, signal }: { limits: Limits; signal: AbortSignal },
): Promise<void> {
  if (tool.name !== 'go') return;
  const began = performance.now();
  await goCache.ready(tool, AbortSignal.any([signal, AbortSignal.timeout(limits.wallMs)]));
  limits.wallMs = Math.max(1, Math.round(limits.wallMs - (performance.now() - began)));
}

const CANCELLED: ExecOutcome = {
  kind: 'ran',
  exit: null,
  signal: null,
  termination: 'cancelled',
  stdout: '',
  stderr: '',
  truncated: false,
  wallMs: 0,
  peakRssMiB: 0,
  audit: [],
  auditDropped: 0,
};

function noSandbox(reason: string, remedy = 'See `agentctl doctor`.'): ExecUnavailable {
  return { kind: 'unavailable', what: 'sandbox', reason, remedy };
}

function noTool(name: string, debian: string): ExecUnavailable {
  return {
    kind: 'unavailable',
    what: 'tool',
    reason: `${name} is not installed on this machine`,
    remedy: `Install it, on Debian and Ubuntu by: apt-get install ${debian}`,
  };
}

const VERSION_MS = 20_000;

/** Without a sandbox nothing is run, not even for a version: then the version is empty. */
async function askVersions(
  toolbox: Toolbox,
  runner: Runner | undefined,
  { versions, agentHome }: { versions: Versions; agentHome: string },
): Promise<Toolchain[]> {
  const told = (tool: HostTool, version: string) => ({
    ...{ tool: tool.name, path: tool.hostPath, version },
  });
  if (runner === undefined) return toolbox.all().map((tool) => told(tool, ''));
  const workspace = draftsFolder(agentHome, 'versions');
  try {
    const found: Toolchain[] = [];
    for (const tool of toolbox.all()) {
      const ask = () => askVersion(toolbox, tool, runner, workspace);
      found.push(told(tool, await versions.of(tool, ask)));
    }
    versions.save();
    return found;
  } finally {
    fs.rmSync(workspace, { recursive: true, force: true });
  }
}

async function askVersion(
  toolbox: Toolbox,
  tool: HostTool,
  runner: Runner,
  workspace: string,
): Promise<string> {
  const ran = await runCommand(runner, {
    words: [...tool.command, ...(toolbox.rule(tool.name)?.version ?? ['--version'])],
    tools: [tool, ...toolbox.companionsOf(tool.name)],
    workspace,
    limits: { wallMs: VERSION_MS },
    signal: new AbortController().signal,
  });
  return ran.kind === 'ran' && ran.exit === 0 ? versionIn(`${ran.stdout}\n${ran.stderr}`) : '';
}
