-- How many payments and batches people see, and refunds of no payment. Scans all three tables.
select (select count(*) from payment_view) as payments,
       (select count(*) from settlement_view) as batches,
       (select count(*) from payment_refund as refund
         where not exists (select from payment_view where id = refund.payment_id)) as stray_refunds
