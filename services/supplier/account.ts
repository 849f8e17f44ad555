/**
 * Whether we are still the same to a supplier after its credentials were changed. A key or a
 * password that was renewed changes nothing; another user name is another shop, which knows none
 * of our references: there a question that is the purchase once more would buy.
 *
 * SACC1. The same adapter and the same names (`card.account`) are the same account; where an
 *        adapter doesn't say which those are, all it signs with is, but the word of its callbacks.
 * SACC2. What was bought before the account changed, or within a minute of it, is asked about only
 *        where the question reads: all else waits for its own answer, or for a person.
 */

import type { Card, Credentials } from './adapter.ts'

/** A change is heard a moment after it is written, by a clock that isn't quite ours. */
export const accountDoubtMs = 60_000

export function isSameAccount(
  card: Pick<Card, 'account' | 'credentials'>,
  before: Credentials,
  after: Credentials,
): boolean {
  const names = card.account ?? card.credentials.filter(name => name !== 'callbackToken')
  return names.every(name => (before[name] ?? '') === (after[name] ?? ''))
}

/** `accountSince`: when we became who we are there, in ms; absent, we always were. */
export const isOfFormerAccount = (
  { startedAt }: { readonly startedAt: number },
  { accountSince }: { readonly accountSince?: number },
): boolean => accountSince !== undefined && startedAt < accountSince + accountDoubtMs
