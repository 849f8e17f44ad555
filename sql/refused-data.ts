/** What Postgres says of data that no column of the kind can hold, whatever was asked. */

/** SQLSTATE class 22: nothing of the statement was done, and the connection is well. */
export function isDataRefused(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  const { code } = cause as Error & { readonly code?: unknown }
  return (typeof code === 'string' && code.startsWith('22')) || isDataRefused(cause.cause)
}
