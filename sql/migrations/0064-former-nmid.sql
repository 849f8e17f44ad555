-- NMIDs that merchants had before. A QR on a counter goes on naming the one that it was printed
-- with, so what is paid over it stays its merchant's. Kept is what a merchant traded under; nobody
-- else gets it. What the history of the register still knows of before is kept as well.
-- Locks: merchant against writing, while its triggers are made.

create table merchant_nmid (
  id          bigint generated always as identity primary key,
  merchant_id uuid not null references merchant (id),
  nmid        text not null,
  from_at     timestamptz not null,
  until_at    timestamptz not null
);
create index merchant_nmid_nmid on merchant_nmid (nmid);
create index merchant_nmid_merchant on merchant_nmid (merchant_id, id);

insert into merchant_nmid (merchant_id, nmid, from_at, until_at)
select m.id, h.before ->> 'nmid',
       coalesce(lag(h.at) over (partition by m.id order by h.id), m.created_at), h.at
  from soundbox_history h join merchant m on m.id::text = h.key
 where h.entity = 'merchant' and h.before ->> 'nmid' <> h.after ->> 'nmid'
   and h.before ->> 'status' in ('approved', 'suspended')
   and not exists (select from merchant other
                    where other.nmid = h.before ->> 'nmid' and other.id <> m.id)
 order by h.id;

-- After the row is written, so that whoever waited for another's NMID sees why that is not free.
create function merchant_nmid_after() returns trigger language plpgsql as $$
begin
  if exists (select from merchant_nmid where nmid = new.nmid and merchant_id <> new.id) then
    raise exception 'another merchant traded under %', new.nmid using errcode = 'unique_violation';
  end if;
  if tg_op = 'UPDATE' and old.status in ('approved', 'suspended') then
    insert into merchant_nmid (merchant_id, nmid, from_at, until_at)
    values (new.id, old.nmid,
            coalesce((select max(until_at) from merchant_nmid where merchant_id = new.id),
                     old.created_at), now());
  end if;
  return null;
end $$;

create trigger merchant_nmid_given after insert on merchant
  for each row execute function merchant_nmid_after();
create trigger merchant_nmid_changed after update of nmid on merchant
  for each row when (old.nmid <> new.nmid) execute function merchant_nmid_after();
