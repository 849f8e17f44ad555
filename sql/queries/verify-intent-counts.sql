-- How many deposits through gateways people see, and what stands in suspense of none of them. Scans
-- both tables.
select (select count(*) from deposit_intent) as intents,
       (select count(*) from deposit_suspense as s
         where not exists (select from deposit_intent where id = s.intent_id)) as stray_suspense
