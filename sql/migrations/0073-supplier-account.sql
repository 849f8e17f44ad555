-- When we last became somebody else at a supplier: a question that is the purchase once more would
-- buy there what was bought in the former name. Set by whatever changes the row, by hand too; who
-- knows that it is still the same account says so (`laju.same_account`), for a key that was
-- changed, or one that was sealed anew, makes nobody somebody else.
-- Locks: supplier, for the moment of adding a column and a trigger.

alter table supplier add column account_since timestamptz;  -- null: since it was made

create function laju_supplier_account() returns trigger language plpgsql as $$
begin
  if new.adapter is distinct from old.adapter
     or (new.credentials is distinct from old.credentials
         and current_setting('laju.same_account', true) is distinct from 'yes') then
    new.account_since := clock_timestamp();
  end if;
  return new;
end $$;
create trigger supplier_account before update on supplier
  for each row execute function laju_supplier_account();
