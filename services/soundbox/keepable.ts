/**
 * Text of others as a journal and a table can keep it: without NUL, and without half a surrogate,
 * which Postgres takes in no jsonb.
 */
export const keepable = (text: string): string => text.replaceAll('\0', '').toWellFormed()
