/**
 * What is read from the journal, or comes from another thread, brings a copy of every name: a
 * hundred thousand orders of a thousand clients bring each client a hundred times. Names that many
 * have alike are kept once.
 *
 * AL1. Equal names come back as the very same one, and however many there are, memory is bounded.
 */

const namesMax = 20_000
const names = new Map<string, string>()

export function alike<T extends string>(name: T): T {
  const known = names.get(name)
  if (known !== undefined) return known as T
  if (names.size >= namesMax) names.clear()
  names.set(name, name)
  return name
}
