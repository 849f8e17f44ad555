/**
 * What a process costs, read from /proc: seconds of a core and resident memory. On a machine
 * without /proc everything is null, and the report says nothing about it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'

/** Linux counts in hundredths of a second, whatever the kernel's own tick is. */
const ticksPerSecond = 100

/** Seconds of a core that a process, with its threads, has used so far. */
export function cpuSeconds(pid: number): number | null {
  const stat = statOf(pid)
  return stat === null ? null : (Number(stat[11]) + Number(stat[12])) / ticksPerSecond
}

/**
 * The same for a process of one thread, to the nanosecond where the kernel tells it: of a server of
 * many processes, none may have used a hundredth of a second.
 */
function cpuSecondsOfThread(pid: number): number | null {
  try {
    const [onCpuNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(onCpuNs) / 1e9
  } catch {
    return cpuSeconds(pid)
  }
}

/** The same for a process and its children, living and gone, of one thread each: Postgres. */
export function cpuSecondsOfTree(pid: number | null): number | null {
  const stat = pid === null ? null : statOf(pid)
  if (stat === null) return null
  const gone = (Number(stat[13]) + Number(stat[14])) / ticksPerSecond
  let sum = (cpuSecondsOfThread(pid!) ?? 0) + gone
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || parentOf(Number(name)) !== pid) continue
    sum += cpuSecondsOfThread(Number(name)) ?? 0
  }
  return sum
}

/** Resident memory in MB: VmRSS. */
export function rssMb(pid: number): number | null {
  try {
    const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return line === null ? null : Math.round(Number(line[1]) / 1024)
  } catch {
    return null
  }
}

/** Memory of a process and its children in MB; what they share is counted once. */
export function pssMbOfTree(pid: number | null): number | null {
  if (pid === null) return null
  let sum = 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || (Number(name) !== pid && parentOf(Number(name)) !== pid)) continue
    try {
      const rollup = readFileSync(`/proc/${name}/smaps_rollup`, 'utf8')
      sum += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0)
    } catch {
      // It has ended meanwhile, or is somebody else's.
    }
  }
  return sum === 0 ? null : Math.round(sum / 1024)
}

/** The pid of the Postgres server behind a URL; null when it is on another machine. */
export async function postgresPid(url: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const { pid } = rows[0]!
    return nameOf(pid) === 'postgres' ? parentOf(pid) : null
  } finally {
    await client.end()
  }
}

function nameOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return null
  }
}

function parentOf(pid: number): number | null {
  const stat = statOf(pid)
  return stat === null ? null : Number(stat[1])
}

/** The fields of /proc/<pid>/stat after the name: state, parent, ... */
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}
