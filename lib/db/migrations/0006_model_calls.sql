-- What the calls of models cost, written down before they are made and while they speak: max_tokens holds over all attempts
-- of a task, those that a crash has cut included. Under the fence of the attempt that makes the call.
create table model_calls (
  task_id uuid not null references tasks (id) on delete cascade,
  fence int not null,
  -- 1, 2, 3 within the attempt.
  number int not null,
  step text not null,
  attempt int not null,
  -- What the call may generate.
  leased_tokens int not null,
  prompt_tokens int not null,
  -- Until the call is settled never less than what was streamed, and up to a block more.
  generated_tokens int not null,
  ms int not null,
  settled boolean not null,

  primary key (task_id, fence, number),
  constraint model_calls_counts_sane
    check (number > 0 and leased_tokens > 0 and prompt_tokens >= 0 and generated_tokens >= 0 and ms >= 0)
);
