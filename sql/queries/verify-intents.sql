-- Deposits through gateways as people see them, of these ids, each with what stands or stood in
-- suspense. Probes of deposit_intent_pkey and deposit_suspense_pkey.
select v.id, v.user_id, v.ref, v.method, v.gateway, v.reff_id, v.their_id, v.status, v.amount,
       v.pays, v.fee, v.received,
       md5((select string_agg(key || '=' || value, E'\n' order by key collate "C")
              from jsonb_each_text(v.pay))) as pay,
       (date_part('epoch', v.expires_at) * 1000)::bigint as expires_ms,
       (date_part('epoch', v.paid_at) * 1000)::bigint as paid_ms, v.via, v.why, v.suspended,
       (date_part('epoch', v.created_at) * 1000)::bigint as created_ms,
       (date_part('epoch', v.updated_at) * 1000)::bigint as updated_ms,
       (select string_agg(concat_ws(' ', s.n, s.why, s.amount, s.payment, s.via,
                                    (date_part('epoch', s.at) * 1000)::bigint,
                                    coalesce(s.verdict, '-'), coalesce(s.resolved_by, '-'),
                                    coalesce(s.reason, '-'),
                                    coalesce((date_part('epoch', s.resolved_at) * 1000)::bigint::text,
                                             '-'),
                                    nullif(s.user_id, v.user_id), nullif(s.gateway, v.gateway)),
                          ', ' order by s.n)
          from deposit_suspense as s where s.intent_id = v.id) as suspense
  from deposit_intent as v where v.id = any($1::uuid[])
