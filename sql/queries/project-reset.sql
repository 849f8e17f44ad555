-- Empties the read models, to be folded again from the first line.
truncate order_view, order_watch, mutation, account_view, projection
