-- Files made for people, a job each: made in steps, so that a step is repeated after a crash and no
-- more. The file itself lies in the data folder; `bytes` of it are sure.
-- Locks: creates only.

create table export_job (
  id         uuid primary key,
  kind       text not null,
  filter     jsonb not null,
  status     text not null default 'queued',     -- queued | running | done | failed | cancelled | expired
  asked_by   text not null,
  reference  text not null,                      -- of who asked: the same is the same job
  expected   bigint,                             -- rows, counted when it began; null: not yet
  rows       bigint not null default 0,
  bytes      bigint not null default 0,
  cursor     text not null default '',
  capped     boolean not null default false,     -- there was more than one file may hold
  problem    text not null default '',
  created_at timestamptz not null,
  done_at    timestamptz,
  unique (asked_by, reference)
);
create index export_job_open on export_job (created_at) where status in ('queued', 'running');
create index export_job_done on export_job (done_at) where status = 'done';
