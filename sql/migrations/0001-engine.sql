-- The engine's own tables: who may write (lease), what happened (journal), and how to get back to
-- where we were without reading everything (checkpoint, snapshot, account).
-- Every table leads with the shard, so that a range of shards can move to another server.
-- Locks: creates only.

create table installation (
  name  text primary key,
  value text not null
);

-- One row per virtual shard. Whoever raises the epoch owns the shard; the one before is fenced.
create table lease (
  shard  smallint primary key,
  epoch  bigint not null,
  holder text not null,
  since  timestamptz not null default now()
);

-- All that one command caused, one line each. Never updated, never deleted.
create table journal (
  shard smallint not null,
  seq   bigint not null,
  actor bigint not null,        -- the 62 bits of the actor's id that do not depend on time
  hash  bytea not null,         -- sha256(previous hash, shard, seq, body), first 16 bytes
  body  text not null,
  primary key (shard, seq)
);
create index journal_actor on journal (shard, actor);

-- Everything at or below `seq` is covered by the rows of `snapshot` and `account`.
create table checkpoint (
  shard  smallint primary key,
  seq    bigint not null,
  hash   bytea not null,
  claims text not null
);

create table snapshot (
  shard   smallint not null,
  actor   bigint not null,
  seq     bigint not null,
  kind    text not null,
  version smallint not null,
  live    boolean not null,     -- not final: something will still happen
  owes    boolean not null,     -- has effects that no record answers yet
  wake_at bigint,               -- earliest timer, unix milliseconds
  state   text not null,
  primary key (shard, actor)
);
create index snapshot_live on snapshot (shard) where live;

create table account (
  shard           smallint not null,
  id              text not null,
  house           boolean not null, -- no floor: revenue, clearing and the like, loaded with the shard
  seq             bigint not null,
  balance         bigint not null,  -- credits posted minus debits posted, whole rupiah
  debits_pending  bigint not null,
  credits_pending bigint not null,
  primary key (shard, id)
);

-- Stands before the COPY of a flush, in the same write: raises unless every shard of the batch is
-- still held under the given epoch. The check happens under a lock that a takeover needs alone, so
-- that after a takeover no write of the former holder can land. What two flushes could still do to
-- each other, the primary key of the journal forbids.
create procedure journal_fence(shards smallint[], epochs bigint[]) language plpgsql as $$
declare
  held integer;
begin
  perform pg_advisory_xact_lock_shared(7221, 1);
  select count(*) into held
    from unnest(shards, epochs) as fence (shard, epoch)
    join lease on lease.shard = fence.shard and lease.epoch = fence.epoch;
  if held <> cardinality(shards) then
    raise exception 'laju: fenced' using errcode = 'LJ001';
  end if;
end $$;

-- Writes checkpoints inside the same write as the lines that they cover. One JSON object per shard:
-- {shard, seq, hash, claims, cells: [{actor, seq, kind, version, owes, wakeAt, state}], gone: [actor],
--  accounts: [{id, house, seq, balance, debitsPending, creditsPending}]}
create function journal_checkpoint(images jsonb) returns void language plpgsql as $$
begin
  insert into checkpoint (shard, seq, hash, claims)
  select image.shard, image.seq, decode(image.hash, 'hex'), image.claims
    from jsonb_to_recordset(images)
      as image (shard smallint, seq bigint, hash text, claims text)
  on conflict (shard) do update
    set seq = excluded.seq, hash = excluded.hash, claims = excluded.claims;

  delete from snapshot using jsonb_to_recordset(images) as image (shard smallint, gone jsonb),
    jsonb_array_elements_text(image.gone) as gone (actor)
   where snapshot.shard = image.shard and snapshot.actor = gone.actor::bigint;

  insert into snapshot (shard, actor, seq, kind, version, live, owes, wake_at, state)
  select image.shard, cell.actor, cell.seq, cell.kind, cell.version, true, cell.owes,
         cell."wakeAt", cell.state
    from jsonb_to_recordset(images) as image (shard smallint, cells jsonb),
         jsonb_to_recordset(image.cells)
           as cell (actor bigint, seq bigint, kind text, version smallint, owes boolean,
                    "wakeAt" bigint, state text)
  on conflict (shard, actor) do update
    set seq = excluded.seq, version = excluded.version, live = true, owes = excluded.owes,
        wake_at = excluded.wake_at, state = excluded.state;

  insert into account (shard, id, house, seq, balance, debits_pending, credits_pending)
  select image.shard, entry.id, entry.house, entry.seq, entry.balance, entry."debitsPending",
         entry."creditsPending"
    from jsonb_to_recordset(images) as image (shard smallint, accounts jsonb),
         jsonb_to_recordset(image.accounts)
           as entry (id text, house boolean, seq bigint, balance bigint, "debitsPending" bigint,
                     "creditsPending" bigint)
  on conflict (shard, id) do update
    set seq = excluded.seq, balance = excluded.balance,
        debits_pending = excluded.debits_pending, credits_pending = excluded.credits_pending;
end $$;
