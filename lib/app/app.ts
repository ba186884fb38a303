import type { Config } from '../config/config.ts';
import type { EventLog } from '../events/events.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Presence } from '../presence/presence.ts';
import type { Doorbell } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** Everything a use case may need. */
export interface AppDeps {
  config: Config;
  store: Store;
  doorbell: Doorbell;
  presence: Presence;
  eventLog: EventLog;
  telemetry: Telemetry;
  clock: Clock;
  random: Random;
}
