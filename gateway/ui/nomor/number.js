/** A telephone number as eyes read it: in groups, with its country in front. */

/** Indonesian numbers are grouped as people here say them; others by four from behind. */
const inFours = /\d{4}(?=\d{2})|\d+/g

export function readable(number) {
  if (number === null || number === undefined) return ''
  const digits = number.replace(/\D/g, '')
  if (digits.startsWith('62')) {
    const rest = digits.slice(2)
    return `+62 ${[rest.slice(0, 3), ...(rest.slice(3).match(inFours) ?? [])].join('-')}`
  }
  const groups = []
  for (let end = digits.length; end > 0; end -= 4) {
    groups.unshift(digits.slice(Math.max(0, end - 4), end))
  }
  return `+${groups.join(' ')}`
}

/** As other apps take it. */
export const dialled = number => `+${number.replace(/\D/g, '')}`
