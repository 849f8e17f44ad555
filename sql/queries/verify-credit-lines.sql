-- Who is said to owe something else than was given to him and not paid back. Both tables whole: they
-- have a row for each client with a line, and for each movement that a person made.
with entry as (
  select user_id, sum(case kind when 'given' then amount else -amount end) as used
    from credit_entry where status <> 'refused' group by user_id
)
select coalesce(line.user_id, entry.user_id) as user_id, line.used, coalesce(entry.used, 0) as moved
  from credit_line as line full join entry on entry.user_id = line.user_id
 where line.used is distinct from coalesce(entry.used, 0)
 order by 1 limit $1
