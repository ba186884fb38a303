/** One way to load a model: the answers that it can make at once, and the memory that it then takes. */
export interface ModelSize {
  slots: number;
  mib: number;
}

export interface MemoryDemand {
  model: string;
  /** The largest first; the first that has room is taken. */
  sizes: readonly ModelSize[];
}

/** Where the process of a model runs. */
export interface Place {
  slots: number;
  /** What the runtime computes with; false: the processor. */
  gpu: 'auto' | 'cuda' | 'vulkan' | 'metal' | false;
  /** Shows the process this GPU and no other. */
  env: Readonly<Record<string, string>>;
  /** Fires when the memory may be another's: what lies in it must go. */
  lost: AbortSignal;
  /** The model lies in memory now. */
  markLoaded(): void;
  /** The process is gone. Idempotent; never throws. */
  giveBack(): Promise<void>;
}

/** Throws `ModelError` that says who has the memory when there is no room. */
export type FindPlace = (demand: MemoryDemand, signal: AbortSignal) => Promise<Place>;

/** In the machine's own memory, which nobody leases. */
export const onProcessor: FindPlace = async ({ sizes }) => ({
  slots: sizes[0]?.slots ?? 1,
  gpu: false,
  env: {},
  lost: new AbortController().signal,
  markLoaded: () => undefined,
  giveBack: async () => undefined,
});
