-- Settlement batches as people see them, of these ids, each with its adjustments and what was booked
-- for it, as in verify-payments. Probes of settlement_view_pkey, settlement_adjustment_pkey and
-- merchant_entry_subject.
select id, merchant_id, reference, status, days_total, adjusted, bank_reference,
       (date_part('epoch', created_at) * 1000)::bigint as created_ms,
       (date_part('epoch', updated_at) * 1000)::bigint as updated_ms, due_day,
       (select string_agg(one ->> 'day' || ' ' || (one ->> 'amount'), ', ' order by n)
          from jsonb_array_elements(days) with ordinality as taken (one, n)) as days,
       reason, replaces, next_id, created_by,
       (date_part('epoch', paid_at) * 1000)::bigint as paid_ms, given_by,
       (date_part('epoch', given_at) * 1000)::bigint as given_ms,
       (select string_agg(concat_ws(' ', adjustment_id, kind, amount,
                                    (date_part('epoch', adjusted_at) * 1000)::bigint,
                                    md5(concat_ws(E'\n', reason, adjusted_by)),
                                    nullif(merchant_id, v.merchant_id)),
                          ', ' order by adjustment_id collate "C")
          from settlement_adjustment where batch_id = v.id) as adjustments,
       (select concat_ws(' ', count(*),
                         coalesce(sum(('x' || substr(md5(concat_ws(E'\n', shard, seq, leg, merchant_id,
                           subject, name, debit, credit, amount,
                           (date_part('epoch', booked_at) * 1000)::bigint)), 1, 10))::bit(40)::bigint),
                           0))
          from merchant_entry where subject_id = v.id) as entries
  from settlement_view as v where id = any($1::uuid[])
