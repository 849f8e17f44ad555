-- A page of what the orders of one shard earned for uplines. Range scan of commission_entry_pkey.
select order_id || ' ' || level as place,
       lpad(to_hex(('x' || substr(replace(order_id::text, '-', ''), 17))::bit(64)::bigint
                   & 4611686018427387903), 16, '0') as key,
       order_id, level, buyer_id, product, margin, refunded, user_id
  from commission_entry
 where shard = $1 and (order_id, level) > (split_part($2, ' ', 1)::uuid,
                                           split_part($2, ' ', 2)::smallint)
 order by order_id, level limit $3
