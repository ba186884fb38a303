export interface Repeated {
  /** Resolves when the run that was under way has ended. */
  stop(): Promise<void>;
}

/** Runs `work` now and again `ms` after each end: never two at a time. Errors go to `onError` and it goes on. */
export function every(
  ms: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Repeated {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  function run(): void {
    running = work()
      .catch(onError)
      .then(() => {
        if (!stopped) timer = setTimeout(run, ms);
      });
  }

  run();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
