-- Money that persons move: supplier floats beside clients' wallets, and the second person wherever
-- one alone could bring money into a wallet. Limits and judging are those of manual deposits.
-- Locks: manual_deposit and bank_mutation, for a moment; manual_deposit is scanned for the check;
-- pin_guard, chat_sender and supplier for a moment.

alter table manual_deposit
  alter column user_id drop not null,
  add column kind     text not null default 'wallet',   -- wallet | float
  add column supplier text references supplier (code),
  add column raises   boolean not null default true,    -- the balance it is about
  add column against  text not null default 'cash',     -- cash | difference: the other side
  add constraint manual_deposit_about check (
    case kind when 'wallet' then user_id is not null and supplier is null
              when 'float'  then user_id is null and supplier is not null else false end);
create index manual_deposit_supplier on manual_deposit (supplier, id) where supplier is not null;

-- A row that a person pasted, or gave to a client, waits for another person above his limit.
alter table bank_mutation
  add column brought_by uuid,
  add column second_by  uuid,
  add column second_at  timestamptz;
create index bank_mutation_waiting on bank_mutation (id) where status = 'waiting';
create index bank_mutation_person on bank_mutation (decided_by, decided_at)
  where decided_by is not null;

-- One count of wrong PINs, over chat and API: the higher one of the two so far.
alter table pin_guard add column locked_until timestamptz;
update pin_guard set locked_until = now() + interval '1 day' where wrong >= 5;
insert into pin_guard (user_id, wrong, locked_until)
  select client_id, max(wrong_pins), max(locked_until) from chat_sender
   where wrong_pins > 0 group by client_id
on conflict (user_id) do update set wrong = greatest(pin_guard.wrong, excluded.wrong),
  locked_until = greatest(pin_guard.locked_until, excluded.locked_until);
alter table chat_sender drop column wrong_pins, drop column locked_until;

-- How each supplier's balance compares with our books; what must outlive a restart.
create table float_watch (
  supplier     text primary key references supplier (code),
  tells_before boolean not null default false,          -- it names the balance before the charge
  reported     jsonb,
  agreed       jsonb,
  doubt        jsonb,
  suspects     jsonb not null default '[]'
);

-- Samples of the comparison: at most one in ten seconds, and one whenever a drift begins or ends.
create table float_step (
  id       bigint generated always as identity primary key,
  supplier text not null,
  at       timestamptz not null,
  balance  bigint not null,
  books    bigint not null,
  lower    bigint not null,
  upper    bigint not null,
  off      bigint not null,
  order_id uuid,                                        -- null: the balance was asked for
  drift    boolean not null
);
create index float_step_supplier on float_step (supplier, id);

-- From where a supplier reports that signs nothing: addresses and nets, with spaces between them.
alter table supplier add column callback_ips text not null default '';
drop trigger supplier_version on supplier;
create trigger supplier_version before update of code, name, adapter, base_url, credentials,
  timeout_ms, max_in_flight, recheck_after_ms, active, sync_minutes, guard_share_percent,
  guard_move_percent, guard_off_percent, callback_ips on supplier
  for each row execute function catalogue_row_before();
drop trigger supplier_history on supplier;
create trigger supplier_history after insert or delete or update of code, name, adapter, base_url,
  credentials, timeout_ms, max_in_flight, recheck_after_ms, active, sync_minutes,
  guard_share_percent, guard_move_percent, guard_off_percent, callback_ips on supplier
  for each row execute function catalogue_row_after('code');
