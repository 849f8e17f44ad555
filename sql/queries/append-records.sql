-- One flush: every line of a batch, fenced; one function call, one write.
select journal_append($1, $2, $3, $4, $5, $6, $7)
