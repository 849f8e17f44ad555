-- How many rented numbers people see, and what was earned by or happened to none of them. Scans all
-- three tables.
select (select count(*) from number_view) as numbers,
       (select count(*) from number_profit as p
         where not exists (select from number_view where id = p.order_id)) as stray_profits,
       (select count(*) from number_activity as a
         where not exists (select from number_view where id = a.order_id)) as stray_activity
