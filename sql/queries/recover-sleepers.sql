-- Living actors with a snapshot, without their states. Index scan of snapshot_live.
select shard, actor, kind, version, owes, wake_at
  from snapshot where live and shard = any ($1::smallint[])
