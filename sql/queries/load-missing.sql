-- What a batch of actors and wallets needs to come to life: their lines, snapshots and balances.
-- Three index probes per row asked for (journal_actor, snapshot_pkey, account_pkey); an actor that
-- was never heard of costs one probe and returns nothing.
select 'line' as what, line.shard, line.actor, line.seq, encode(line.hash, 'hex') as hash,
       line.body as text, null::text as id, null::bigint as balance,
       null::bigint as debits_pending, null::bigint as credits_pending
  from unnest($1::smallint[], $2::bigint[]) as wanted (shard, actor)
  join journal as line on line.shard = wanted.shard and line.actor = wanted.actor
union all
select 'snapshot', snapshot.shard, snapshot.actor, snapshot.seq, null, snapshot.state,
       snapshot.kind || ' ' || snapshot.version, null, null, null
  from unnest($1::smallint[], $2::bigint[]) as wanted (shard, actor)
  join snapshot on snapshot.shard = wanted.shard and snapshot.actor = wanted.actor
union all
select 'account', account.shard, null, account.seq, null, null, account.id, account.balance,
       account.debits_pending, account.credits_pending
  from unnest($3::smallint[], $4::text[]) as wanted (shard, id)
  join account on account.shard = wanted.shard and account.id = wanted.id
