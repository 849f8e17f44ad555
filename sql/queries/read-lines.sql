-- A stretch of one shard's journal, in order. Range scan of journal_pkey.
select shard, seq, actor, encode(hash, 'hex') as hash, body
  from journal where shard = $1 and seq > $2 order by seq limit $3
