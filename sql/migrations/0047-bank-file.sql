-- That a bank's file names a batch: whoever has the file may pay it, so the batch is not cancelled as
-- if nobody could.
-- Locks: creates only.

create table bank_file (
  batch_id uuid primary key,
  amount   bigint not null,
  given_to text not null,                        -- the first who fetched it
  given_at timestamptz not null default now()
);
