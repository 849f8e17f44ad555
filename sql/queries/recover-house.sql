-- House accounts with something on them, as of the checkpoint.
select shard, id, seq, balance, debits_pending, credits_pending
  from account where house and shard = any ($1::smallint[])
   and (balance <> 0 or debits_pending <> 0 or credits_pending <> 0)
