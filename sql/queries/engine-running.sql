-- Does a process hold the leases just now? It keeps a session lock under the number in `holder`.
select exists (
  select from lease
    join pg_locks as taken
      on taken.locktype = 'advisory' and taken.classid = 7222 and taken.objsubid = 2
     and taken.granted and taken.objid::text = substring(lease.holder from 'lock (\d+)$')
   where taken.database = (select oid from pg_database where datname = current_database())
) as running
