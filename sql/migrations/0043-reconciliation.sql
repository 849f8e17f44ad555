-- What others say of our days, held against our books: each comparison, and each difference with its
-- age and who looks after it.
-- Locks: creates only.

create table recon_run (
  id         uuid primary key,
  kind       text not null,                      -- acquirer | bank | ledger
  day        date not null,
  source     text not null,                      -- name of the file
  content    bytea not null,                     -- its hash
  rows       integer not null,
  matched    integer not null,
  ours       bigint not null,                    -- sums of what was compared
  theirs     bigint not null,
  net        bigint not null default 0,          -- what an acquirer will pay for the day
  asked_by   text not null,
  created_at timestamptz not null
);
create index recon_run_day on recon_run (kind, day, created_at);

create table recon_break (
  id          bigint generated always as identity primary key,
  kind        text not null,
  day         date not null,
  key         text not null,                     -- what it is about, in the words of both
  what        text not null,
  subject     uuid,                              -- payment or batch of ours
  ours        bigint,
  theirs      bigint,
  details     jsonb not null default '{}',
  opened_at   timestamptz not null,
  seen_at     timestamptz not null,              -- by the last comparison that found it
  owner       text,
  status      text not null default 'open',      -- open | healed | resolved
  closed_by   text,
  note        text not null default '',
  closed_at   timestamptz,
  unique (kind, day, key, what)
);
create index recon_break_open on recon_break (id) where status = 'open';
