-- What a desk's request has made in the register of merchants, so that the same request again finds
-- it instead of making another: merchants, outlets and terminals.
-- Locks: creates only.

create table soundbox_made (
  request uuid primary key,                      -- of the asker, his key and what he asked for
  made    uuid not null,
  made_at timestamptz not null default now()
);
