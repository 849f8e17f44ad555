-- Newest balances of the accounts that moved.
insert into account_view (shard, id, seq, balance, debits_pending, credits_pending)
select * from unnest($1::smallint[], string_to_array($2, ' '), $3::bigint[], $4::bigint[], $5::bigint[],
                     $6::bigint[])
on conflict (shard, id) do update
   set seq = excluded.seq, balance = excluded.balance, debits_pending = excluded.debits_pending,
       credits_pending = excluded.credits_pending
