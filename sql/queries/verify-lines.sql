-- A page of one shard's lines, in order. Range scan of journal_pkey.
select seq, lpad(to_hex(actor), 16, '0') as key, encode(hash, 'hex') as hash, body
  from journal where shard = $1 and seq > $2 order by seq limit $3
