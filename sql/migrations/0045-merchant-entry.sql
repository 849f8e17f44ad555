-- Merchants' postings are read newest first, of one merchant and of all.
-- Locks: merchant_entry against writes while its indexes are built.

drop index merchant_entry_merchant;
create index merchant_entry_merchant
  on merchant_entry (merchant_id, booked_at, shard, seq, leg);
create index merchant_entry_time on merchant_entry (booked_at, shard, seq, leg);
