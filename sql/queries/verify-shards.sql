-- Every shard that anybody knows of, and how far each table is in it. The shards of the journal are
-- found by skipping from one to the next on journal_pkey, their ends by one probe each.
with recursive written (shard) as (
  select min(shard) from journal
  union all
  select (select min(journal.shard) from journal where journal.shard > written.shard)
    from written where written.shard is not null
),
known (shard) as (
  select shard from written where shard is not null
  union select shard from lease
  union select shard from checkpoint
  union select shard from projection
)
select known.shard,
       coalesce((select max(seq) from journal where journal.shard = known.shard), 0) as seq,
       coalesce(checkpoint.seq, 0) as checkpoint_seq,
       coalesce(projection.seq, 0) as projection_seq,
       coalesce(payment_position.seq, 0) as payments_seq,
       coalesce(number_position.seq, 0) as numbers_seq,
       coalesce(deposit_intent_position.seq, 0) as deposits_seq,
       coalesce(commission_position.seq, 0) as earnings_seq,
       coalesce(device_position.seq, 0) as devices_seq
  from known
  left join checkpoint on checkpoint.shard = known.shard
  left join projection on projection.shard = known.shard and projection.name = 'people'
  left join payment_position on payment_position.shard = known.shard
  left join number_position on number_position.shard = known.shard
  left join deposit_intent_position on deposit_intent_position.shard = known.shard
  left join commission_position on commission_position.shard = known.shard
  left join device_position on device_position.shard = known.shard
 order by known.shard
