/**
 * The smallest supplier: a Digiflazz-shaped `POST /transaction` that sells after a delay. For when
 * the sandbox is too much: trying the baseline alone, and the tests of the bench itself.
 * It refuses destinations that begin with 0813; with 0811, its first answer can't be read.
 *   PORT, DELAY_MS; `GET /sales` answers how many references were bought, and how often asked.
 */
import uWS from 'uWebSockets.js'

const delayMs = Number(process.env['DELAY_MS'] ?? 20)
const port = Number(process.env['PORT'] ?? 0)
const sold = new Set<string>()
let asked = 0

const app = uWS.App()

app.get('/sales', res => {
  res.end(JSON.stringify({ sold: sold.size, asked }))
})

app.post('/transaction', res => {
  let gone = false
  let body = ''
  res.onAborted(() => {
    gone = true
  })
  res.onData((chunk, last) => {
    body += Buffer.from(chunk).toString('utf8')
    if (last) setTimeout(answer, delayMs)
  })
  const answer = () => {
    const { ref_id, buyer_sku_code, customer_no } = JSON.parse(body) as Record<string, string>
    asked++
    const refused = customer_no!.startsWith('0813')
    const unreadable = customer_no!.startsWith('0811') && !sold.has(ref_id!)
    if (!refused) sold.add(ref_id!)
    if (gone) return
    if (unreadable) {
      res.cork(() => res.writeStatus('500 Internal Server Error').end('<html>'))
      return
    }
    const data = {
      ref_id,
      customer_no,
      buyer_sku_code,
      message: refused ? 'Transaksi Gagal' : 'Transaksi Sukses',
      status: refused ? 'Gagal' : 'Sukses',
      rc: refused ? '02' : '00',
      sn: `SN${sold.size}`,
      buyer_last_saldo: 100_000_000,
      price: 10_000,
    }
    res.cork(() =>
      res.writeHeader('Content-Type', 'application/json').end(JSON.stringify({ data })),
    )
  }
})

app.listen('127.0.0.1', port, socket => {
  if (socket === false) throw new Error(`bench: port ${port} is taken`)
  const http = `http://127.0.0.1:${uWS.us_socket_local_port(socket)}`
  console.log(JSON.stringify({ ready: true, http, pid: process.pid }))
})
