-- What a task was denied. Each entry holds the hash of the one before it, so that none can be changed or taken out of the
-- middle unseen; rows go with their task only. json, not jsonb: names hold whatever bytes a program chose.
create table audit (
  task_id uuid not null references tasks (id) on delete cascade,
  seq int not null,
  hash text not null,
  entry json not null,

  primary key (task_id, seq),
  constraint audit_seq_counts_from_one check (seq > 0),
  constraint audit_hash_is_sha256 check (hash ~ '^[0-9a-f]{64}$')
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is append-only';
end
$$;

create trigger audit_append_only before update on audit
for each row execute function refuse_change();
