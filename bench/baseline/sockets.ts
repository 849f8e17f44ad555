/**
 * What a socket costs at least: a bare uWebSockets.js server that keeps them open, each under the
 * name by which it proves itself, and says to one what it is asked to.
 *
 *   GET /tell?to=name&code=c   at once
 */
import uWS from 'uWebSockets.js'

type Data = { name: string }
const sockets = new Map<string, uWS.WebSocket<Data>>()

const app = uWS.App()
app.ws<Data>('/ws', {
  idleTimeout: 60,
  sendPingsAutomatically: true,
  upgrade: (res, req, context) => {
    const header = (name: string) => req.getHeader(`sec-websocket-${name}`)
    res.upgrade({ name: '' }, header('key'), header('protocol'), header('extensions'), context)
  },
  message(ws, bytes) {
    const { key } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { readonly key: string }
    ws.getUserData().name = key
    sockets.set(key, ws)
    ws.send('{"type":"ready"}')
  },
  close: ws => void sockets.delete(ws.getUserData().name),
})
app.get('/tell', (res, req) => {
  const [to, code] = [req.getQuery('to') ?? '', req.getQuery('code') ?? '']
  const data = { order_id: to, otp: code, text: `Kode kamu ${code}.`, status: 'otp_received' }
  sockets.get(to)?.send(JSON.stringify({ type: 'event', name: 'order:otp_received', data }))
  res.end('told')
})
app.listen('127.0.0.1', 0, socket => {
  if (socket === false) throw new Error('bench: no port')
  const http = `http://127.0.0.1:${uWS.us_socket_local_port(socket)}`
  console.log(JSON.stringify({ ready: true, http, pid: process.pid }))
})
