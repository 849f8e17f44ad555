-- A line of the journal as Postgres can read it. JSON may name a NUL and half a character, which no
-- text of Postgres holds: one of them anywhere in a line makes every reading of it fail, also of its
-- other fields. The line itself stays as it was written; its hash is over that.
create function readable_line(body text) returns text language sql immutable parallel safe as $$
  select case when strpos(body, '\u') = 0 then body
         else regexp_replace(body, '(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})',
                             '\1' || chr(65533), 'g') end
$$;
