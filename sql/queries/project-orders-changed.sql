-- Older orders to which something happened. Null leaves a column; '' clears `attention`.
update order_view
   set cost = coalesce(changed.cost, order_view.cost),
       supplier = coalesce(changed.supplier, order_view.supplier),
       status = coalesce(changed.status, order_view.status),
       sn = coalesce(changed.sn, order_view.sn),
       failure = coalesce(changed.failure, order_view.failure),
       attempts = coalesce(changed.attempts, order_view.attempts),
       attention = case when changed.attention is null then order_view.attention
                        else nullif(changed.attention, '') end,
       updated_at = to_timestamp(changed.updated_at / 1000.0)
  from unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[],
              $7::text[], $8::smallint[], $9::text[], $10::bigint[])
    as changed (shard, id, cost, supplier, status, sn, failure, attempts, attention, updated_at)
 where order_view.shard = changed.shard and order_view.id = changed.id
