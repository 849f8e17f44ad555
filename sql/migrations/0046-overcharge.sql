-- Orders whose supplier charged more than the most that he was told, for a person to look at.
-- Followed from the journal as `serial` is; orders that were delivered before this migration are
-- not looked at again.
-- Locks: none.

create table overcharge (
  id        uuid primary key,                     -- of the order
  supplier  text not null,
  agreed    bigint not null,
  charged   bigint not null check (charged > agreed),
  found_at  timestamptz not null default now(),
  closed_at timestamptz,
  closed_by text,
  reason    text
);
create index overcharge_open on overcharge (id) where closed_at is null;
