/**
 * Facts about what is one's own as they happen. One socket for all pages of an area; it mends itself
 * with growing pauses and goes on after the last fact it heard.
 *
 * WUC1. Whoever listens hears each fact, and `ready` after each mend, when it should look again.
 */

const pauseMsMin = 500
const pauseMsMax = 15_000
/** The server says something more often than this; a silent line is a dead one. */
const silenceMsMax = 45_000

/** `bearer()` gives a token, or null while there is none. */
export function openLive(bearer) {
  let socket = null
  let pauseMs = pauseMsMin
  let retryTimer = 0
  let silenceTimer = 0
  let wanted = false
  /** Facts come. */
  let isReady = false
  let last
  const listeners = new Set()

  function listen(listener, signal) {
    listeners.add(listener)
    signal.addEventListener('abort', () => listeners.delete(listener))
  }

  function connect() {
    if (wanted) return
    wanted = true
    void open()
  }

  function disconnect() {
    wanted = false
    last = undefined
    clearTimeout(retryTimer)
    clearTimeout(silenceTimer)
    const mine = socket
    socket = null
    isReady = false
    mine?.close()
  }

  async function open() {
    clearTimeout(retryTimer)
    const token = await bearer()
    if (!wanted || socket !== null) return
    if (token === null) return later()
    const mine = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws`)
    socket = mine
    mine.onopen = () => {
      const after = last === undefined ? {} : { after: last }
      mine.send(JSON.stringify({ type: 'auth', token, ...after }))
      heard(mine)
    }
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return
      heard(mine)
      const { type, id, name, data: fact, after } = JSON.parse(data)
      if (type === 'ready') {
        pauseMs = pauseMsMin
        isReady = true
        last ??= after
      }
      if (type === 'event') last = id
      if (type === 'ready') tell('ready', {})
      if (type === 'event') tell(name, fact)
    }
    mine.onclose = () => {
      if (mine !== socket) return
      socket = null
      isReady = false
      later()
    }
  }

  function tell(name, fact) {
    for (const listener of [...listeners]) listener(name, fact)
  }

  function heard(mine) {
    clearTimeout(silenceTimer)
    silenceTimer = setTimeout(() => mine.close(), silenceMsMax)
  }

  function later() {
    clearTimeout(silenceTimer)
    if (!wanted) return
    // A little chance, so that a thousand pages do not come back in the same instant.
    retryTimer = setTimeout(open, pauseMs * (0.75 + Math.random() / 2))
    pauseMs = Math.min(pauseMs * 2, pauseMsMax)
  }

  function hurry() {
    if (!wanted || socket !== null || document.hidden) return
    pauseMs = pauseMsMin
    void open()
  }

  addEventListener('online', hurry)
  document.addEventListener('visibilitychange', hurry)

  return { listen, connect, disconnect, isOpen: () => isReady }
}
