-- Raises the epochs of some shards, if they are still ours. ($1 shards, $2 holder). Run after
-- `pg_advisory_xact_lock(7221, 1)` in the same write: what was on its way has landed by then, and
-- what comes later is fenced.
update lease set epoch = epoch + 1
 where shard = any ($1::smallint[]) and holder = $2
returning shard, epoch
