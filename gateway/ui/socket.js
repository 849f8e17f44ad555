/** The line to the server: one socket that mends itself with growing pauses, and says how it is. */

const pauseMsMin = 500
const pauseMsMax = 15_000
/** The server pings more often than this; a silent line is a dead one. */
const silenceMsMax = 45_000
/** Close code by which the server says: there is no public view here, do not come back. */
const closedForGood = 4403

export function openSocket({ url, onPulse, onState }) {
  let socket = null
  let pauseMs = pauseMsMin
  let retryTimer = 0
  let silenceTimer = 0
  let wanted = true

  function open() {
    clearTimeout(retryTimer)
    const mine = new WebSocket(url)
    socket = mine
    mine.onopen = () => {
      mine.send(JSON.stringify({ type: 'watch' }))
      heard(mine)
    }
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return
      heard(mine)
      const message = parsed(data)
      if (message?.type !== 'pulse' && message?.type !== 'ping') return
      pauseMs = pauseMsMin
      onState('live')
      if (message.type === 'pulse') onPulse(message.data)
    }
    mine.onclose = ({ code }) => {
      if (mine === socket) lost(code)
    }
  }

  function heard(mine) {
    clearTimeout(silenceTimer)
    silenceTimer = setTimeout(() => {
      mine.close()
      if (mine === socket) lost(0)
    }, silenceMsMax)
  }

  function lost(code) {
    clearTimeout(silenceTimer)
    socket = null
    if (!wanted) return
    if (code === closedForGood) {
      wanted = false
      onState('closed')
      return
    }
    onState('lost')
    // A little chance, so that a thousand pages do not come back in the same instant.
    retryTimer = setTimeout(open, pauseMs * (0.75 + Math.random() / 2))
    pauseMs = Math.min(pauseMs * 2, pauseMsMax)
  }

  function hurry() {
    if (!wanted || socket !== null || document.hidden) return
    pauseMs = pauseMsMin
    open()
  }

  addEventListener('online', hurry)
  document.addEventListener('visibilitychange', hurry)
  addEventListener('pagehide', () => {
    const last = socket
    socket = null
    clearTimeout(retryTimer)
    clearTimeout(silenceTimer)
    last?.close()
  })
  addEventListener('pageshow', ({ persisted }) => persisted && hurry())
  open()
}

function parsed(data) {
  try {
    return JSON.parse(data)
  } catch {
    return null
  }
}
