/**
 * The grammar of topics. A topic is a list of levels; a filter may stand for many topics.
 *
 * BRT1. A filter lies within another when every topic that it matches is matched by the other one.
 * BRT2. Wildcards never match a topic whose first level begins with a dollar sign.
 * BRT3. A topic to publish on is concrete: no wildcard, no NUL, not empty, not too long.
 */

const bytesMax = 256
const levelsMax = 12

export function isTopic(topic: string): boolean {
  return isShort(topic) && !/[+#\0]/.test(topic)
}

export function isFilter(filter: string): boolean {
  if (!isShort(filter) || filter.includes('\0')) return false
  const levels = filter.split('/')
  return levels.every((level, index) => {
    if (level === '#') return index === levels.length - 1
    return level === '+' || !/[+#]/.test(level)
  })
}

export function matches(filter: string, topic: string): boolean {
  return within(topic, filter)
}

/** Whether every topic of `inner` is one of `outer`'s. */
export function within(inner: string, outer: string): boolean {
  if (inner === outer) return true
  const own = inner.split('/')
  const allowed = outer.split('/')
  if (/^[+#]/.test(outer) && inner.startsWith('$')) return false
  for (let i = 0; i < allowed.length; i++) {
    if (allowed[i] === '#') return true
    if (own[i] === undefined || own[i] === '#') return false
    if (allowed[i] !== '+' && allowed[i] !== own[i]) return false
  }
  return own.length === allowed.length
}

function isShort(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= bytesMax && text.split('/').length <= levelsMax
}
