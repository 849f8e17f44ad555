-- How much of what uplines earned is said to be paid or taken back. Scans the table.
select count(*) as done from commission_entry where state <> 'due'
