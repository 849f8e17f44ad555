-- Soundboxes as people see them, of these ids. Probes of device_view_pkey.
select id, shard, seq, status, merchant_id, terminal_id, card::text as card
  from device_view where id = any($1::uuid[])
