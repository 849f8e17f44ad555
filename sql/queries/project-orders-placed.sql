-- New orders of one projection write, with all that happened to them since. One insert.
insert into order_view (shard, id, user_id, ref, product, destination, price, cost, supplier,
                        status, sn, failure, attempts, attention, created_at, updated_at)
select shard, id, user_id, ref, product, destination, price, cost, supplier, status, sn, failure,
       attempts, nullif(attention, ''), to_timestamp(created_at / 1000.0),
       to_timestamp(updated_at / 1000.0)
  from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
              $7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[],
              $13::smallint[], $14::text[], $15::bigint[], $16::bigint[])
    as placed (shard, id, user_id, ref, product, destination, price, cost, supplier, status, sn,
               failure, attempts, attention, created_at, updated_at)
on conflict (shard, id) do update
   set cost = excluded.cost, supplier = excluded.supplier, status = excluded.status,
       sn = excluded.sn, failure = excluded.failure, attempts = excluded.attempts,
       attention = excluded.attention, updated_at = excluded.updated_at
