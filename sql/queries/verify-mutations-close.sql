-- Lets go of the sorted movements.
close verify_mutations
