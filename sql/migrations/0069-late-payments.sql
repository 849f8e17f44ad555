-- A day's sums go by when payments were booked. Ids date from when they were made, so a day's
-- payments are a span of ids that begins as much earlier as a QR may wait; what was booked after
-- its QR was over is found here, and is rare.
-- Locks: payment_view against writing, while the index is built over what was late.

create index payment_view_late on payment_view (booked_at) where late is not null;
