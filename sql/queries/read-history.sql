-- All lines of one actor, oldest first. Index scan of journal_actor.
select shard, seq, actor, encode(hash, 'hex') as hash, body
  from journal where shard = $1 and actor = $2 order by seq
