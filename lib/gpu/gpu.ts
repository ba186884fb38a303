/** One GPU, or one slice of one, in MiB. A field that the driver reports as "[N/A]" is null. */
export interface Gpu {
  /** The same as long as the hardware is: a UUID, with the instances behind it for a MIG slice. Unique on its machine. */
  id: string;
  index: number;
  name: string;
  totalMiB: number | null;
  freeMiB: number | null;
  /** `unified`: the machine's own memory, shared with everything else; `slice`: a MIG instance. */
  memory: 'own' | 'slice' | 'unified';
  /** Who has leased how much of it, for a person; absent when nobody has. */
  leased?: string | undefined;
}

/** What the probe saw. `none` is an ordinary answer: this machine has no GPU. */
export type GpuReading =
  | { kind: 'gpus'; gpus: Gpu[]; ramFreeMiB: number }
  | { kind: 'none'; why: string; ramFreeMiB: number };

/** Never throws: a hanging or broken driver is `none` with its reason. */
export interface VramProbe {
  read(signal?: AbortSignal): Promise<GpuReading>;
}
