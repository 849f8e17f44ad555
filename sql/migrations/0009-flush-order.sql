-- Flushes are sent one behind the other without waiting. Each names the one before it on the same
-- connection and is refused unless that one was kept: a setting made in a write that failed is
-- undone with it.
-- Locks: replaces a procedure.

drop procedure journal_fence(smallint[], bigint[]);

create procedure journal_fence(
  shards smallint[], epochs bigint[], previous text, flush text
) language plpgsql as $$
declare
  held integer;
begin
  if coalesce(current_setting('laju.flush', true), '') <> previous then
    raise exception 'laju: the flush before this one failed' using errcode = 'LJ002';
  end if;
  perform set_config('laju.flush', flush, false);
  perform pg_advisory_xact_lock_shared(7221, 1);
  select count(*) into held
    from unnest(shards, epochs) as fence (shard, epoch)
    join lease on lease.shard = fence.shard and lease.epoch = fence.epoch;
  if held <> cardinality(shards) then
    raise exception 'laju: fenced' using errcode = 'LJ001';
  end if;
end $$;
