-- A page of one shard's accounts as of its checkpoint. Range scan of account_pkey.
select id, seq, balance, debits_pending, credits_pending, house
  from account where shard = $1 and id > $2 order by id limit $3
