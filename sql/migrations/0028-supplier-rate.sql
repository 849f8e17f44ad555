-- How many purchases and checks a supplier takes in a minute; the rest stand in line. Null: no limit.
-- Locks: supplier for an instant (a column without a value, its triggers).

alter table supplier add column rate_per_min integer
  check (rate_per_min between 1 and 1000000);

drop trigger supplier_version on supplier;
create trigger supplier_version before update of code, name, adapter, base_url, credentials,
  timeout_ms, max_in_flight, recheck_after_ms, active, sync_minutes, guard_share_percent,
  guard_move_percent, guard_off_percent, callback_ips, rate_per_min on supplier
  for each row execute function catalogue_row_before();
drop trigger supplier_history on supplier;
create trigger supplier_history after insert or delete or update of code, name, adapter, base_url,
  credentials, timeout_ms, max_in_flight, recheck_after_ms, active, sync_minutes,
  guard_share_percent, guard_move_percent, guard_off_percent, callback_ips, rate_per_min on supplier
  for each row execute function catalogue_row_after('code');
