-- House accounts as of the checkpoint. A few rows per shard.
select shard, id, seq, balance, debits_pending, credits_pending
  from account where house and shard = any ($1::smallint[])
