-- How many payments and batches people see; refunds and postings of no payment, adjustments and
-- postings of no batch. Scans all five tables.
select (select count(*) from payment_view) as payments,
       (select count(*) from settlement_view) as batches,
       (select count(*) from payment_refund as refund
         where not exists (select from payment_view where id = refund.payment_id)) as stray_refunds,
       (select count(*) from settlement_adjustment as one
         where not exists (select from settlement_view where id = one.batch_id))
         as stray_adjustments,
       (select count(*) from merchant_entry as entry
         where not exists (select from payment_view where id = entry.subject_id)
           and not exists (select from settlement_view where id = entry.subject_id))
         as stray_entries
