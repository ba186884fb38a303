/** How the cache of one language is filled: commands of this machine, with the network, in a folder of their own. */
export interface Recipe {
  /** Caches below the folder of all caches that it fills. */
  caches: readonly string[];
  commands: readonly CacheCommand[];
  /** What is left to do when the commands have ended well. */
  finish?: () => void;
}

export interface CacheCommand {
  tool: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** It only makes later runs faster: the project itself may be broken. */
  mayFail?: boolean;
}

export interface Scene {
  /** Absolute folder of all caches. */
  caches: string;
  /** Absolute: a copy of the project, or what stands for one; the commands run in it. */
  folder: string;
  /** Its files, relative. */
  files: readonly string[];
}
