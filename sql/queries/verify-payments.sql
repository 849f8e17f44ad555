-- Payments as people see them, of these ids. Probes of payment_view_pkey and payment_refund_pkey.
select id, merchant_id, reference, status, amount, fee, day, late, refunded, fee_back, message_id,
       sound, (date_part('epoch', created_at) * 1000)::bigint as created_ms,
       (date_part('epoch', updated_at) * 1000)::bigint as updated_ms, batch_id,
       (select string_agg(concat_ws(' ', refund_id, day, amount, fee,
                                    coalesce(batch_id::text, '-'),
                                    case when confirmed_at is not null then 'told' end),
                          ', ' order by refund_id collate "C")
          from payment_refund where payment_id = v.id) as refunds
  from payment_view as v where id = any($1::uuid[])
