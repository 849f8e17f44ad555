-- The dialects of OtomaX and its relatives: a sign there is computed from the plain PIN and
-- password, so these rest sealed as well as hashed; and what a partner's server may do in its own
-- way: which imprecise signs we take from it, and the texts that its parser expects.
-- Locks: client, briefly (constant defaults, no rewrite).

alter table client
  add column pin_sealed      text,
  add column password_sealed text,
  add column sign_forms      text[] not null default '{}';

create table reply_template (
  client_id  uuid references client (id),        -- null: of the house, for who has none of his own
  style      text not null,                      -- otomax | irs
  outcome    text not null,
  body       text not null,
  updated_at timestamptz not null default now(),
  unique nulls not distinct (client_id, style, outcome)
);

-- A member's card is held under its member id, besides the username and the keys of 0005.
create or replace function laju_client_changed() returns trigger language plpgsql as $$
begin
  perform laju_changed('client', old.username);
  perform laju_changed('client_key', id) from client_key where client_id = old.id;
  if old.member_id is not null then
    perform laju_changed('client_member', old.member_id);
  end if;
  return null;
end $$;

-- A template of the house is in every card: key null means, look at all of them again.
create function laju_reply_template_changed() returns trigger language plpgsql as $$
declare
  changed reply_template := coalesce(new, old);
begin
  if changed.client_id is null then
    perform laju_changed('reply_template', null);
  else
    perform laju_changed('client_member', member_id) from client where id = changed.client_id;
  end if;
  return null;
end $$;

create trigger reply_template_changed after insert or update or delete on reply_template
  for each row execute function laju_reply_template_changed();
