-- Movements of wallets. A repeat of the same write changes nothing.
insert into mutation (shard, user_id, seq, leg, direction, amount, balance_before, balance_after,
                      kind, reference_id, note, created_at)
select shard, user_id, seq, leg, direction, amount, balance_before, balance_after, kind,
       reference_id, note, to_timestamp(created_at / 1000.0)
  from unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::smallint[], $5::text[], $6::bigint[],
              $7::bigint[], $8::bigint[], $9::text[], $10::uuid[], $11::text[], $12::bigint[])
    as moved (shard, user_id, seq, leg, direction, amount, balance_before, balance_after, kind,
              reference_id, note, created_at)
on conflict do nothing
