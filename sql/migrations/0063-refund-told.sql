-- When the acquirer told that a refund of ours was carried out: on that day its report has it. And
-- payments by what the acquirer calls them, refunds by their day, for comparing a day with its report.
-- Locks: payment_view and payment_refund against writing, while their indexes are built.

alter table payment_refund add column confirmed_at timestamptz;   -- null: not told, or told first
create index payment_view_acquirer on payment_view (acquirer_ref) where acquirer_ref <> '';
create index payment_refund_told on payment_refund ((coalesce(confirmed_at, refunded_at)));
