-- Payments as people see them, of these ids, each with its refunds and what was booked for it. Long
-- words are told by their md5, postings by their number and the sum of theirs. Probes of
-- payment_view_pkey, payment_refund_pkey and merchant_entry_subject.
select id, merchant_id, reference, status, amount, fee, day, late, refunded, fee_back, message_id,
       sound, (date_part('epoch', created_at) * 1000)::bigint as created_ms,
       (date_part('epoch', updated_at) * 1000)::bigint as updated_ms, batch_id,
       (select string_agg(concat_ws(' ', refund_id, day, amount, fee,
                                    coalesce(batch_id::text, '-'),
                                    (date_part('epoch', refunded_at) * 1000)::bigint,
                                    md5(concat_ws(E'\n', reason, refunded_by)),
                                    case when confirmed_at is not null then 'told' end,
                                    nullif(merchant_id, v.merchant_id)),
                          ', ' order by refund_id collate "C")
          from payment_refund where payment_id = v.id) as refunds,
       md5(concat_ws(E'\n', outlet_id, terminal_id, kind, qr,
                     coalesce((date_part('epoch', expires_at) * 1000)::bigint::text, '-'),
                     created_by)) as made,
       md5(concat_ws(E'\n', coalesce((date_part('epoch', paid_at) * 1000)::bigint::text, '-'),
                     coalesce((date_part('epoch', booked_at) * 1000)::bigint::text, '-'), payer,
                     acquirer_ref)) as told,
       device_id, sound_reason,
       (select concat_ws(' ', count(*),
                         coalesce(sum(('x' || substr(md5(concat_ws(E'\n', shard, seq, leg, merchant_id,
                           subject, name, debit, credit, amount,
                           (date_part('epoch', booked_at) * 1000)::bigint)), 1, 10))::bit(40)::bigint),
                           0))
          from merchant_entry where subject_id = v.id) as entries
  from payment_view as v where id = any($1::uuid[])
