-- Where each shard's recovery starts, and the last line that is covered: it tells the shard's time.
-- One row per shard that ever wrote a checkpoint; a probe of checkpoint_pkey and journal_pkey each.
select checkpoint.shard, checkpoint.seq, encode(checkpoint.hash, 'hex') as hash, checkpoint.claims,
       line.body as last
  from checkpoint
  join journal as line on line.shard = checkpoint.shard and line.seq = checkpoint.seq
 where checkpoint.shard = any ($1::smallint[])
