-- The same for a part of the shard's actors. Range scan of journal_pkey with a filter.
select seq, lpad(to_hex(actor), 16, '0') as key, encode(hash, 'hex') as hash, body
  from journal where shard = $1 and seq > $2 and actor >= $4 and actor < $5 order by seq limit $3
