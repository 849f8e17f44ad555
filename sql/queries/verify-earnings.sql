-- What uplines are to be paid, of these orders and levels. Probes of commission_entry_pkey: the shard
-- stands in the order's id.
select entry.order_id, entry.level, entry.user_id, entry.amount, entry.state, entry.kept, entry.owed
  from unnest($1::uuid[], $2::smallint[]) as wanted (order_id, level)
  join commission_entry as entry
    on entry.shard = ('x' || substr(wanted.order_id::text, 16, 3))::bit(12)::integer
   and entry.order_id = wanted.order_id and entry.level = wanted.level
