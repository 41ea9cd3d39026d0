import { request } from '../api/client'

/** What the stream of events says of the connection. */
export type Connection = 'connecting' | 'live' | 'offline'

/** At most so often what is shown is asked for again: catching up closes many slots a second. */
const pace = 3000
/** The server says at least every 20 s that it is there; a line that is cut says nothing, and no error either. */
const patience = 50_000
/** So long the first questions wait for the stream. */
const start = 300

class Live {
  /** Grows when something has changed: effects that read it ask again. */
  version = $state(0)
  connection = $state<Connection>('connecting')
  /** When something changed last, as this machine's clock says. */
  changed = $state.raw<Date>()
  /** Done when the stream is open: no event is missed by what is asked after it. What could not wait is asked again. */
  readonly ready: Promise<void>

  #go = () => {}
  #late = false
  #due: ReturnType<typeof setTimeout> | undefined
  #last = 0
  #stop = new AbortController()

  constructor() {
    this.ready = new Promise((done) => (this.#go = done))
  }

  /** Listens until stopped; connects again by itself. */
  async listen(): Promise<void> {
    this.#stop = new AbortController()
    const late = setTimeout(() => {
      this.#late = true
      this.#go()
    }, start)
    for (let wait = 1000; !this.#stop.signal.aborted; wait = Math.min(wait * 2, 30_000)) {
      const line = new AbortController()
      try {
        const answer = await request('events', AbortSignal.any([line.signal, this.#stop.signal]), 'text/event-stream')
        if (!answer.ok || !answer.body) throw new Error(String(answer.status))
        clearTimeout(late)
        if (this.connection === 'offline' || this.#late) this.#change()
        this.#late = false
        this.connection = 'live'
        this.#go()
        wait = 500
        await this.#read(answer.body, line)
      } catch {
        if (this.#stop.signal.aborted) return
      }
      this.connection = 'offline'
      this.#go()
      await new Promise((done) => setTimeout(done, wait))
    }
  }

  stop() {
    this.#stop.abort()
    this.connection = 'connecting'
    clearTimeout(this.#due)
  }

  async #read(body: ReadableStream<Uint8Array>, line: AbortController) {
    const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader()
    let rest = ''
    for (;;) {
      const silent = setTimeout(() => line.abort(), patience)
      const { done, value } = await reader.read().finally(() => clearTimeout(silent))
      if (done) return
      const blocks = (rest + value).split('\n\n')
      rest = blocks.pop() ?? ''
      if (blocks.some((block) => block.startsWith('event:'))) this.#change()
    }
  }

  #change() {
    this.changed = new Date()
    if (this.#due !== undefined) return
    const wait = Math.max(250, this.#last + pace - Date.now())
    this.#due = setTimeout(() => {
      this.#due = undefined
      this.#last = Date.now()
      this.version++
    }, wait)
  }
}

export const live = new Live()
