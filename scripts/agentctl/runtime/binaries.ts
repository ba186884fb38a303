import { Complaint } from '../complaint.ts';
import { EXIT } from '../exitCode.ts';

export const GPU_CHOICES = ['none', 'auto', 'cuda', 'vulkan'] as const;
export type GpuChoice = (typeof GPU_CHOICES)[number];
export type Accelerator = 'cuda' | 'vulkan';

/** What must be there for a computer without a GPU, by Node's names of platform and processor. On a Mac it has Metal. */
const BINARIES: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-armv7l',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

interface GpuBinary {
  suffixes: readonly string[];
  /** Of version 3.21.1, weighed: packed and unpacked. */
  fetchMb: number;
  diskMb: number;
  /** What it needs of the machine. */
  needs: string;
}

const GPU_BINARIES: Readonly<Record<Accelerator, GpuBinary>> = {
  cuda: {
    suffixes: ['-cuda', '-cuda-ext'],
    fetchMb: 320,
    diskMb: 540,
    needs: "NVIDIA's driver and CUDA's libraries (cudart, cublas and cublasLt of CUDA 12 or 13)",
  },
  vulkan: { suffixes: ['-vulkan'], fetchMb: 27, diskMb: 100, needs: 'a driver with Vulkan' },
};

/** Names of the packages, that for the processor first. Throws a `Complaint` for a machine it is not built for. */
export function packagesFor(platform: string, accelerator: Accelerator | undefined): string[] {
  const binary = BINARIES[platform];
  if (binary === undefined) {
    const why = `it is built for ${Object.keys(BINARIES).join(', ')}`;
    throw notBuilt(`the runtime is not built for ${platform}`, why);
  }
  const base = `@node-llama-cpp/${binary}`;
  if (accelerator === undefined) return [base];
  if (binary !== 'linux-x64' && binary !== 'win-x64') {
    const why =
      'those for GPUs are built for linux-x64 and win32-x64; on a Mac Metal is always in it';
    throw notBuilt(`the runtime for ${accelerator} is not built for ${platform}`, why);
  }
  return [base, ...GPU_BINARIES[accelerator].suffixes.map((suffix) => `${base}${suffix}`)];
}

/** What is said before anything is fetched. */
export function sizeLine(accelerator: Accelerator | undefined): string {
  const most = 'the runtime itself: 83 MB on disk';
  if (accelerator === undefined) return most;
  const { fetchMb, diskMb } = GPU_BINARIES[accelerator];
  return `${most}; for ${accelerator} ${fetchMb} MB more are fetched and ${diskMb} MB more of disk used`;
}

export function needsOf(accelerator: Accelerator): string {
  return GPU_BINARIES[accelerator].needs;
}

function notBuilt(what: string, why: string): Complaint {
  const next = 'start a model server on this machine, or name one in MODEL_SERVERS';
  return new Complaint(EXIT.rejected, { what, why: [why], next });
}
