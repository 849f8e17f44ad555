-- Failures of a kind that suppliers revise, before what follows them changes the order: where the
-- attempt began in another write, the order still names its supplier.
insert into order_watch (shard, id, n, supplier, code, failed_at)
select failed.shard, failed.id, failed.n, coalesce(failed.supplier, order_view.supplier, ''),
       failed.code, to_timestamp(failed.at / 1000.0)
  from unnest($1::smallint[], $2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::bigint[])
    as failed (shard, id, n, supplier, code, at)
  left join order_view on order_view.shard = failed.shard and order_view.id = failed.id
    on conflict (shard, id, n) do nothing
