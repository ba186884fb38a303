-- What somebody wants done with the patch of an ended task. Only a worker sees the workspace: the request waits here, is
-- rung for like a queued task, and is carried out under lease and fence of the task's own row.
alter table tasks
  add column patch_request text,
  -- Claims of this request that came to no end.
  add column patch_tries int not null default 0,
  -- Where the patch is; null when the task has none that changes anything. A column, because result may hold \u0000,
  -- which the operators of json refuse.
  add column patch_state text,

  drop constraint tasks_lease_iff_worked,
  add constraint tasks_lease_iff_worked
    check (case
      when status in ('running', 'cancelling') then lease_owner is not null
      else lease_owner is null or patch_request is not null
    end),
  add constraint tasks_patch_request_known
    check (patch_request in ('apply', 'revert', 'check')),
  add constraint tasks_patch_state_known
    check (patch_state in ('applied', 'not_applied', 'conflicted', 'reverted')),
  add constraint tasks_patch_only_at_the_end
    check (patch_state is null or finished_at is not null),
  add constraint tasks_patch_requested_of_a_patch
    check (patch_request is null or patch_state is not null),
  add constraint tasks_patch_tries_sane
    check (patch_tries >= 0 and (patch_tries = 0 or patch_request is not null));

create index tasks_patch_requests on tasks (id) where patch_request is not null;
