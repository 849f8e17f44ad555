-- The lines after each shard's checkpoint, in order. A range scan of journal_pkey per shard.
select line.shard, line.seq, line.actor, encode(line.hash, 'hex') as hash, line.body
  from unnest($1::smallint[], $2::bigint[]) as start (shard, seq)
  join journal as line on line.shard = start.shard and line.seq > start.seq
 order by line.shard, line.seq
