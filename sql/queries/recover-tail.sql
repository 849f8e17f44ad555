-- The lines after each shard's checkpoint. A range scan of journal_pkey per shard, which gives them
-- in order: to ask for the order of all of them would sort everything on disk first.
select line.shard, line.seq, line.actor, encode(line.hash, 'hex') as hash, line.body
  from unnest($1::smallint[], $2::bigint[]) as start (shard, seq)
 cross join lateral (
   select shard, seq, actor, hash, body from journal
    where journal.shard = start.shard and journal.seq > start.seq
    order by journal.seq
 ) as line
