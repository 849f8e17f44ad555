-- How many soundboxes people see. Scans the table.
select count(*) as devices from device_view
