-- Lists of orders given in one request, placed one by one behind it.
-- Locks: creates only.

create table bulk_job (
  id         uuid primary key,
  client_id  uuid not null,
  ref        text not null,             -- the client's own name for the list
  content    text not null,             -- fingerprint of the rows: another list is another ref
  total      integer not null,
  done_at    timestamptz,               -- every row was taken up and has its result
  created_at timestamptz not null default now(),
  unique (client_id, ref)
);
create index bulk_job_open on bulk_job (created_at) where done_at is null;

create table bulk_row (
  job_id      uuid not null references bulk_job (id),
  n           integer not null,         -- from 1, the place in the list
  ref         text not null,
  product     text not null,
  destination text not null,
  max_price   bigint,
  result      text,                     -- placed | refused; null while it waits
  code        text,                     -- why it was refused
  trx_id      uuid,
  primary key (job_id, n)
);
