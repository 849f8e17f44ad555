-- Attempts that their supplier said to have sold after all.
update order_watch set revised_at = to_timestamp(revised.at / 1000.0)
  from unnest($1::smallint[], $2::uuid[], $3::smallint[], $4::bigint[])
    as revised (shard, id, n, at)
 where order_watch.shard = revised.shard and order_watch.id = revised.id
   and order_watch.n = revised.n
