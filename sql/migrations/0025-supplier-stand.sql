-- How suppliers answered lately, written down every few seconds so that a restart does not forget
-- it: one row per supplier, and one per product there. Nothing depends on it; it may be emptied.
-- Locks: none (a new table).

create table supplier_stand (
  supplier   text not null,
  product    text not null,            -- empty: the supplier as a whole
  written_at timestamptz not null,
  calm       boolean not null,         -- its breaker is closed: after the window it says nothing
  words      jsonb not null,
  primary key (supplier, product)
) with (fillfactor = 50);
