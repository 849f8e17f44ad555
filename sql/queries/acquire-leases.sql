-- Takes every shard: waits until no flush is under way, then raises all epochs.
-- ($1 number of shards, $2 holder). Run after `pg_advisory_xact_lock(7221, 1)` in the same write.
insert into lease (shard, epoch, holder)
select shard, 1, $2 from generate_series(0, $1::integer - 1) as shard
on conflict (shard) do update set epoch = lease.epoch + 1, holder = excluded.holder, since = now()
returning shard, epoch
