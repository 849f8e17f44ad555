-- The smallest id of a moment: ids are UUIDv7, so a span of time is a span of ids.
-- Locks: none.

create function laju_id_at(ms double precision) returns uuid language sql immutable as $$
  select (lpad(to_hex(floor(ms)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;
