import { availableParallelism, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { assemble, openTelemetry } from './compose.ts';
import type { Config } from './config/config.ts';
import { watchTasks } from './events/adapters/postgres.ts';
import { appleGpu } from './gpu/adapters/appleGpu.ts';
import { nvidiaSmi } from './gpu/adapters/nvidiaSmi.ts';
import { rocmSmi } from './gpu/adapters/rocmSmi.ts';
import type { GpuReading, VramProbe } from './gpu/gpu.ts';
import { probeOf } from './gpu/probeOf.ts';
import { refreshed } from './gpu/refreshed.ts';
import { systemClock } from './kernel/clock.ts';
import { createEmbedded } from './llm/adapters/embedded.ts';
import { createRemoteServer } from './llm/adapters/remoteServer.ts';
import { createReplay } from './llm/adapters/replay.ts';
import { createScaffold } from './llm/adapters/scaffold.ts';
import { buildCatalog, type Catalog } from './llm/catalog.ts';
import { EmbeddedModels } from './llm/embedded/embeddedModels.ts';
import { acceleratorOf, findLlamaRuntime } from './llm/embedded/findRuntime.ts';
import { readModelFile } from './llm/embedded/modelFile.ts';
import { onProcessor } from './llm/embedded/place.ts';
import { type GpuPlaces, placeOnGpu } from './llm/embedded/placeOnGpu.ts';
import { type FoundServer, findServers } from './llm/findServers.ts';
import { readCards, readTranscript } from './llm/readModelFiles.ts';
import { whereLooked } from './llm/whereLooked.ts';
import type { ModelCard } from './models/card.ts';
import { firstModel, type LookedForModels } from './models/firstModel.ts';
import { GgufError } from './models/gguf/ggufError.ts';
import { shieldOnEcs } from './presence/adapters/ecsShield.ts';
import { leasedProbe } from './presence/leasedProbe.ts';
import type { Presence } from './presence/presence.ts';
import { createSandbox } from './sandbox/adapters/bubblewrap.ts';
import type { Sandbox, SandboxStatus, Toolchain } from './sandbox/sandbox.ts';
import { type FoundTool, toolOrPackage } from './sandbox/toolchain/foundTool.ts';
import { recoverApplies } from './sandbox/workspace/apply.ts';
import { createGitSource } from './source/adapters/git.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { liveModels } from './worker/liveModels.ts';
import { Speeds } from './worker/speeds.ts';
import { newWorkerId, startWorker } from './worker/worker.ts';
import type { CallableModels } from './worker/workerDeps.ts';

const BYTES_PER_MIB = 1_048_576;
/** As often as a worker announces itself. */
const REFRESH_GPUS_MS = 5_000;
/** A worker that dies keeps the memory of its GPU from the others for that long. */
const GPU_LEASE_MS = 15_000;

/** Starts the long-running worker; `stop` drains it and closes everything it holds. */
export async function createWorker(
  config: Config,
): Promise<{ stop(graceMs: number): Promise<void> }> {
  const { app: held, database } = assemble(config, 'worker');
  const { logger } = held.telemetry;
  const applyStateDir = join(config.agentHome, 'applies');
  for (const undone of recoverApplies(applyStateDir)) {
    logger.warn('an apply that a crash had cut was taken back', { ...undone });
  }
  const workerId = newWorkerId(hostname());
  const leases = {
    presence: held.presence,
    host: hostname(),
    onError: (error: unknown) => logger.warn('the lease of a GPU', { error: String(error) }),
  };
  const machine = await openMachine(config, held.telemetry, { ...leases, holder: workerId });
  const probe = refreshed(leasedProbe(machine.probe, leases), REFRESH_GPUS_MS);
  const speeds = new Speeds({
    presence: held.presence,
    host: hostname(),
    clock: systemClock,
    onError: (error) => logger.warn('a speed could not be kept', { error: String(error) }),
  });
  const worker = await startWorker({
    ...held,
    ...machine,
    probe,
    speeds,
    presence: shielded(held.presence, config, held.telemetry),
    workerId,
    startedAt: systemClock.now(),
    ...{ source: createGitSource(config), applyStateDir },
    watchTasks: (onTask) => watchTasks(database, onTask),
  });
  return {
    stop: async (graceMs) => {
      await worker.stop(graceMs);
      await machine.unloadModels();
      await probe.close();
      await held.close();
    },
  };
}

/** Only ECS ends a container because there is less to do. */
function shielded(presence: Presence, { ecsAgentUri: agentUri }: Config, { logger }: Telemetry) {
  const clock = systemClock;
  return agentUri === undefined ? presence : shieldOnEcs(presence, { agentUri, clock, logger });
}

/** Every model that is known, served or not. Throws an `Error` that names the flaws of MODELS_FILE. */
export function modelCards(config: Config): ModelCard[] {
  return readCards(config.modelsFile);
}

/** Throws an `Error` that names every flaw in MODELS_FILE, or what is wrong in REPLAY_FILE. */
export function checkModelFiles(config: Config): void {
  readCards(config.modelsFile);
  if (config.replayFile !== undefined) readTranscript(config.replayFile);
}

/** Why a file cannot be used as a model; undefined when it can. */
export async function flawOfModelFile(path: string): Promise<string | undefined> {
  try {
    await readModelFile(path);
    return undefined;
  } catch (error) {
    if (error instanceof GgufError) return error.message;
    throw error;
  }
}

/** What this machine can do, found out by trying it. */
export async function inspectMachine(config: Config): Promise<
  {
    sandbox: SandboxStatus;
    toolchains: Toolchain[];
    gpu: GpuReading;
    models: ModelCard[];
  } & LookedForModels
> {
  const { sandbox, probe, models } = await openMachine(config, openTelemetry(config, 'doctor'));
  const toolchains = await sandbox.toolchains();
  const found = { sandbox: sandbox.status(), toolchains, models: models.cards() };
  return { ...found, gpu: await probe.read(), ...(await lookForModels(config)) };
}

/** Which model servers answer, and which do not. */
export async function lookForModels(config: Config): Promise<LookedForModels> {
  const { signal } = new AbortController();
  const [catalog, servers, gpu] = await Promise.all([
    modelFinder(config, openEmbedded(config))(signal),
    lookForServers(config, signal),
    machineProbe().read(),
  ]);
  const { cards, troubles } = catalog;
  if (cards.some(({ llm }) => llm)) return { troubles };
  const advice = firstModel({
    cards: modelCards(config),
    gpu,
    ramTotalMiB: Math.floor(totalmem() / BYTES_PER_MIB),
    looked: whereLooked(config, servers),
    hasOllama: servers.some(({ kind, problem }) => kind === 'ollama' && problem === undefined),
  });
  return { troubles, firstModel: advice };
}

/** The sandbox alone, for tools that judge trees without a service. */
export function openSandbox(config: Config): Promise<Sandbox> {
  return sandboxOf(config, openTelemetry(config, 'sandbox'));
}

/** The program that the sandbox runs under a name of its list, or what it is installed by. */
export const findTool = ({ searchPath }: Config, name: string): FoundTool =>
  toolOrPackage(name, searchPath);

function sandboxOf(config: Config, { logger }: Telemetry): Promise<Sandbox> {
  const { agentHome, cacheDir, sandbox: mode, toolsAllowed, searchPath } = config;
  return createSandbox({
    ...{ agentHome, cacheDir, mode, toolsAllowed, logger },
    ...(searchPath === undefined ? {} : { searchPath }),
  });
}

/** Every slot has a cache of its own, which a machine without a large GPU has little room for. */
const MOST_SLOTS = 2;

interface Machine {
  sandbox: Sandbox;
  probe: VramProbe;
  models: CallableModels;
  /** Ends the processes of the models that run here. */
  unloadModels(): Promise<void>;
}

/** Without `leases` models are looked for and never loaded. */
async function openMachine(
  config: Config,
  telemetry: Telemetry,
  leases?: Omit<GpuPlaces, 'probe' | 'accelerator' | 'ttlMs'>,
): Promise<Machine> {
  const probe = machineProbe();
  const embedded = openEmbedded(config, {
    onFlaw: (file, why) => telemetry.logger.warn('a model file cannot be used', { file, why }),
    ...(leases && { gpu: { ...leases, probe, ttlMs: GPU_LEASE_MS } }),
  });
  const [sandbox, models] = await Promise.all([
    sandboxOf(config, telemetry),
    liveModels(modelFinder(config, embedded), new AbortController().signal),
  ]);
  const unloadModels = () => embedded.close();
  return { sandbox, models, probe, unloadModels };
}

export function machineProbe(): VramProbe {
  return probeOf(process.platform === 'darwin' ? [appleGpu()] : [nvidiaSmi(), rocmSmi()]);
}

function lookForServers(config: Config, signal: AbortSignal): Promise<FoundServer[]> {
  const { modelServers: configured, cloudModels: cloud, port: ownPort } = config;
  return findServers({ configured, cloud, ownPort }, signal);
}

interface EmbeddedUse {
  onFlaw: (file: string, why: string) => void;
  gpu?: Omit<GpuPlaces, 'accelerator'>;
}

/** The GGUF files that were put into AGENT_HOME/models, when the runtime for them is installed. */
function openEmbedded(config: Config, use?: EmbeddedUse): EmbeddedModels {
  const runtime = findLlamaRuntime();
  const accelerator = runtime === undefined ? undefined : acceleratorOf(runtime);
  const findPlace = accelerator && use?.gpu ? placeOnGpu({ ...use.gpu, accelerator }) : onProcessor;
  return new EmbeddedModels({
    folder: join(config.agentHome, 'models'),
    runtime,
    usesGpu: accelerator !== undefined,
    cards: readCards(config.modelsFile),
    slots: Math.min(config.workerConcurrency, MOST_SLOTS),
    // One core is left for everything else.
    threads: Math.max(1, availableParallelism() - 1),
    open: (options) => createEmbedded({ ...options, findPlace }),
    onFlaw: use?.onFlaw ?? (() => undefined),
  });
}

/** Files are read once: a flaw in them stops the start. Servers come and go. */
function modelFinder(
  config: Config,
  local: EmbeddedModels,
): (signal: AbortSignal) => Promise<Catalog> {
  const cards = readCards(config.modelsFile);
  const { replayFile } = config;
  const replay = replayFile === undefined ? undefined : createReplay(readTranscript(replayFile));
  const scaffold = createScaffold();
  return async (signal) => {
    const [servers, embedded] = await Promise.all([lookForServers(config, signal), local.look()]);
    const known = { servers, embedded, cards, replay, scaffold };
    return buildCatalog({ ...known, openServer: createRemoteServer });
  };
}
