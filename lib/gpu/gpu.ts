/** One GPU, in MiB. A field that the driver reports as "[N/A]" is null. */
export interface Gpu {
  index: number;
  name: string;
  totalMiB: number | null;
  freeMiB: number | null;
}

/** What the probe saw. `none` is an ordinary answer: this machine has no GPU. */
export type GpuReading =
  | { kind: 'gpus'; gpus: Gpu[]; ramFreeMiB: number }
  | { kind: 'none'; why: string; ramFreeMiB: number };

/** Never throws: a hanging or broken driver is `none` with its reason. */
export interface VramProbe {
  read(signal?: AbortSignal): Promise<GpuReading>;
}
