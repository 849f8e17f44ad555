/**
 * Reads the ACL file of an external Mosquitto and says which of its lines let a box reach what is
 * not its own, so that one stolen box does not read the street. Boxes log in with their device id;
 * they publish on `devices/<id>/uplink/#`, and subscribe to `devices/<id>/downlink/#`.
 *
 *   topic before any user ─▶ whoever has no name      pattern ─▶ everybody, with his name for %u
 *   topic after a user    ─▶ that user alone
 *
 * DVK1. A line of everybody may name nothing beyond the box's own topics, in its own direction.
 * DVK2. A client id is whatever the client says: %c keeps nobody out.
 * DVK3. A line that Mosquitto would not understand is told; what it understands and we do not, too.
 * DVK4. A file that lets boxes reach nothing is told as well: it is safe and of no use.
 */

import { within } from '../../broker/topics.ts'

type Finding = { readonly line: number; readonly text: string; readonly problem: string }

type Access = 'read' | 'write' | 'readwrite' | 'deny'
const accesses: readonly string[] = ['read', 'write', 'readwrite', 'deny']

const own = { write: 'devices/%u/uplink/#', read: 'devices/%u/downlink/#' } as const
const deviceName = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export function checkAcl(file: string): readonly Finding[] {
  const found: Finding[] = []
  const may = { read: false, write: false }
  let user: string | null = null
  for (const [index, raw] of file.split(/\r?\n/).entries()) {
    const text = raw.trim()
    if (text === '' || text.startsWith('#')) continue
    const [word = '', ...rest] = text.split(/\s+/)
    const say = (problem: string) => found.push({ line: index + 1, text, problem })
    if (word === 'user') {
      user = text.slice(4).trim()
      if (user === '') say('a user without a name')
      continue
    }
    const rule = word === 'topic' || word === 'pattern' ? ruleOf(rest) : null
    if (rule === null) {
      say('is not understood: user, topic or pattern begins a line')
      continue
    }
    const { access, topic } = rule
    if (access === 'deny') continue
    if (word === 'pattern') {
      const problem = problemOf(topic, access)
      if (problem !== null) say(problem)
      else may[access as 'read' | 'write'] = true
    } else if (user === null) say('lets whoever comes without a name reach it')
    else if (deviceName.test(user)) {
      const problem = problemOf(namedAs(topic, user), access)
      if (problem !== null) say(problem)
    }
  }
  for (const way of ['write', 'read'] as const) {
    if (may[way]) continue
    const problem = `no box can ${way} its own: pattern ${way} ${own[way]} is missing`
    found.push({ line: 0, text: '', problem })
  }
  return found
}

function ruleOf(words: readonly string[]): { access: Access; topic: string } | null {
  const [first] = words
  if (first === undefined) return null
  if (!accesses.includes(first)) return { access: 'readwrite', topic: words.join(' ') }
  const topic = words.slice(1).join(' ')
  return topic === '' ? null : { access: first as Access, topic }
}

/** What is wrong with letting every box do this; null: it is its own. */
function problemOf(topic: string, access: Access): string | null {
  if (topic.includes('%c')) return 'goes by the client id, which a client chooses for itself'
  if (!topic.split('/').includes('%u')) return 'names no owner (%u): every box reaches it'
  if (access === 'readwrite') return 'lets a box read and write; it needs one line for each'
  const allowed = own[access as 'read' | 'write']
  if (within(topic, allowed)) return null
  return `lets a box ${access} beyond ${allowed}`
}

/** A line for one box, as if it were one for everybody: its own name becomes %u. */
const namedAs = (topic: string, user: string): string =>
  topic
    .split('/')
    .map(level => (level === user ? '%u' : level))
    .join('/')
