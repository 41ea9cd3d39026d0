import { request } from '../api/client'

/** What the stream of events says of the connection. */
export type Connection = 'connecting' | 'live' | 'offline'

/** At most so often what is shown is asked for again: catching up closes many slots a second. */
const pace = 3000

class Live {
  /** Grows when something has changed: effects that read it ask again. */
  version = $state(0)
  connection = $state<Connection>('connecting')
  /** When something changed last, as this machine's clock says. */
  changed = $state.raw<Date>()

  #due: ReturnType<typeof setTimeout> | undefined
  #last = 0
  #abort: AbortController | undefined

  /** Listens until stopped; connects again by itself. */
  async listen(): Promise<void> {
    const abort = (this.#abort = new AbortController())
    for (let wait = 1000; !abort.signal.aborted; wait = Math.min(wait * 2, 30_000)) {
      try {
        const answer = await request('events', abort.signal, 'text/event-stream')
        if (!answer.ok || !answer.body) throw new Error(String(answer.status))
        if (this.connection === 'offline') this.#change()
        this.connection = 'live'
        wait = 500
        await this.#read(answer.body)
      } catch {
        if (abort.signal.aborted) return
      }
      this.connection = 'offline'
      await new Promise((done) => setTimeout(done, wait))
    }
  }

  stop() {
    this.#abort?.abort()
    clearTimeout(this.#due)
  }

  async #read(body: ReadableStream<Uint8Array>) {
    const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader()
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read()
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
