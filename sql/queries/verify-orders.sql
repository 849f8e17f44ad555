-- A page of one shard's orders as people see them. Range scan of order_view_pkey.
select id, user_id, ref, product, destination, price, cost, supplier, status, sn, failure,
       attempts, attention, (date_part('epoch', created_at) * 1000)::bigint as created_ms,
       (date_part('epoch', updated_at) * 1000)::bigint as updated_ms
  from order_view where shard = $1 and id > $2 order by id limit $3
