-- A page of one shard's snapshots, for a part of its actors. Range scan of snapshot_pkey.
select actor, lpad(to_hex(actor), 16, '0') as key, seq, kind, state, live, owes, version, wake_at
  from snapshot where shard = $1 and actor > $2 and actor < $4 order by actor limit $3
