-- A page of one shard's accounts as people see them. Range scan of account_view_pkey.
select id, seq, balance, debits_pending, credits_pending
  from account_view where shard = $1 and id > $2 order by id limit $3
