-- Settlement batches as people see them, of these ids. Probes of settlement_view_pkey.
select id, merchant_id, reference, status, days_total, adjusted, bank_reference,
       (date_part('epoch', created_at) * 1000)::bigint as created_ms,
       (date_part('epoch', updated_at) * 1000)::bigint as updated_ms
  from settlement_view where id = any($1::uuid[])
