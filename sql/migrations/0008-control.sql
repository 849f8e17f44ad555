-- What the command line asks of the running engine. Whoever may write here owns the database anyway.
-- Locks: creates only.

create table control (
  id       bigint generated always as identity primary key,
  verb     text not null,
  params   jsonb not null,
  asked_at timestamptz not null default now(),
  result   jsonb                -- null until it is done
);
create index control_open on control (id) where result is null;

create function control_asked() returns trigger language plpgsql as $$
begin
  perform pg_notify('laju_changed', json_build_object('table', 'control', 'key', new.id::text)::text);
  return null;
end $$;
create trigger control_asked after insert on control for each row execute function control_asked();
