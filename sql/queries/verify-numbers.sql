-- Rented numbers as people see them, of these ids: how each stands, what it earned and cost, and what
-- happened to it. What must be the same in all three tables is told only where it is not. Probes of
-- number_view_pkey, number_profit_order and number_activity_order.
select v.id, v.user_id, v.ref, v.phase, v.status, v.money_effect, v.is_open::text, v.service,
       v.service_name, v.country, v.country_name, v.operator, v.operator_name, v.supplier,
       v.their_id, v.number, v.price, v.cost, v.why,
       (select string_agg(concat_ws(' ', md5(one ->> 'sealed'), one ->> 'at', one ->> 'code',
                                    one ->> 'late'), ', ' order by n)
          from jsonb_array_elements(v.messages) with ordinality as message (one, n)) as messages,
       v.codes, v.late, v.resends, (date_part('epoch', v.bought_at) * 1000)::bigint as bought_ms,
       (date_part('epoch', v.dies_at) * 1000)::bigint as dies_ms,
       (date_part('epoch', v.wait_until) * 1000)::bigint as wait_until_ms,
       (date_part('epoch', v.placed_at) * 1000)::bigint as placed_ms,
       (date_part('epoch', v.updated_at) * 1000)::bigint as updated_ms,
       (select string_agg(concat_ws(' ', p.seq, p.what, p.selling, p.base, p.fee, p.profit,
                                    (date_part('epoch', p.at) * 1000)::bigint,
                                    nullif(p.shard, place.shard), nullif(p.user_id, v.user_id),
                                    nullif(p.service, v.service), nullif(p.country, v.country),
                                    nullif(p.operator, v.operator),
                                    nullif(p.supplier, v.supplier)),
                          ', ' order by p.shard, p.seq)
          from number_profit as p where p.order_id = v.id) as profits,
       (select string_agg(concat_ws(' ', a.seq || '.' || a.n, a.what, a.by,
                                    (date_part('epoch', a.at) * 1000)::bigint,
                                    nullif(a.shard, place.shard), nullif(a.user_id, v.user_id)),
                          ', ' order by a.shard, a.seq, a.n)
          from number_activity as a where a.order_id = v.id) as activity,
       v.seq
  from number_view as v,
       lateral (select ('x' || substr(v.id::text, 16, 3))::bit(12)::integer as shard) as place
 where v.id = any($1::uuid[])
