-- The desk of the soundbox line: people who log in by e-mail, whose merchant somebody speaks for, an
-- audit log that only grows, and answers kept under the client's own idempotency key.
-- Locks: client briefly (a column and an index over its few rows).

alter table client add column email text;
create unique index client_email on client (lower(email)) where email is not null;

create table merchant_user (
  client_id   uuid primary key references client (id),
  merchant_id uuid not null references merchant (id),
  role        text not null,                     -- owner | finance | ops | viewer
  created_by  text not null,
  created_at  timestamptz not null default now()
);
create index merchant_user_merchant on merchant_user (merchant_id, client_id);

create function laju_merchant_user_changed() returns trigger language plpgsql as $$
begin
  perform laju_changed('session', session.id::text)
     from session
    where session.client_id = coalesce(new.client_id, old.client_id)
      and session.revoked_at is null;
  return null;
end $$;

create trigger merchant_user_changed after insert or update or delete on merchant_user
  for each row execute function laju_merchant_user_changed();

-- Each row carries the hash of the one before it: a row that is altered, taken out or put in between
-- breaks the chain from there on.
create table audit_log (
  id         bigint primary key,                 -- without gaps
  at         timestamptz not null,
  actor      uuid,                               -- null: nobody whom we know
  actor_name text not null,
  role       text not null,
  action     text not null,                      -- what.verb
  subject    text not null,                      -- id of what it was done to
  outcome    text not null,                      -- done, or the code of the refusal
  details    jsonb not null,
  address    text not null,                      -- shortened
  request_id text not null,
  hash       bytea not null
);
create index audit_log_subject on audit_log (subject, id);
create index audit_log_actor on audit_log (actor, id);

create function audit_hash(previous bytea, entry audit_log) returns bytea language sql stable as $$
  select sha256(previous || convert_to(jsonb_build_array(
    entry.id, round(extract(epoch from entry.at) * 1000000)::bigint, entry.actor,
    entry.actor_name, entry.role, entry.action, entry.subject, entry.outcome, entry.details,
    entry.address, entry.request_id)::text, 'UTF8'))
$$;

-- One after the other: the chain has one end.
create function audit_append(entry audit_log) returns bigint language plpgsql as $$
declare
  last record;
begin
  perform pg_advisory_xact_lock(7221, 5);
  select id, hash into last from audit_log order by id desc limit 1;
  entry.id := coalesce(last.id, 0) + 1;
  entry.at := clock_timestamp();
  entry.hash := audit_hash(coalesce(last.hash, '\x'::bytea), entry);
  insert into audit_log values (entry.*);
  return entry.id;
end $$;

create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'laju: the audit log only grows' using errcode = 'LJ005';
end $$;

create trigger audit_log_grows before update or delete on audit_log
  for each row execute function audit_refuse();
create trigger audit_log_stays before truncate on audit_log
  for each statement execute function audit_refuse();

create table idempotency_key (
  scope       text not null,                     -- who asked
  key         text not null,                     -- in his own words
  fingerprint bytea not null,                    -- of method, path and body
  claimed_at  timestamptz not null,
  claims      integer not null default 1,
  status      smallint,                          -- null: still at work
  body        text,
  primary key (scope, key)
);
create index idempotency_key_age on idempotency_key (claimed_at);
