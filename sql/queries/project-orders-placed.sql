-- New orders of one projection write, with all that happened to them since (see sql/copy.ts).
copy order_view (shard, id, user_id, ref, product, destination, price, cost, supplier, status, sn,
                 failure, attempts, attention, created_at, updated_at) from stdin
