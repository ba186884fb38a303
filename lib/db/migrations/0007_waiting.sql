-- A task that no worker can take goes back to the queue and holds no slot: `waiting` tells why (kept while somebody tries
-- again), `wake_at` until when nobody claims it who does not know a model for it.
alter table tasks
  add column waiting text,
  add column wake_at timestamptz,

  add constraint tasks_wake_only_in_queue
    check (wake_at is null or (status = 'queued' and waiting is not null));

create index tasks_waiting on tasks (id) where wake_at is not null;
