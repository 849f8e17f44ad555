-- The smallest id of a moment, for every moment that anybody may name: what lies before 1970 is the
-- smallest id of all, and what an id can't hold any more is the largest.
-- Locks: none.

create or replace function laju_id_at(ms double precision) returns uuid language sql immutable as $$
  select (lpad(to_hex(floor(least(greatest(ms, 0), 281474976710655))::bigint), 12, '0')
          || '00000000000000000000')::uuid
$$;
