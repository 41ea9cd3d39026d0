import { untrack } from 'svelte'
import { get, isProblem, type Problem } from '../api/client'
import { live } from './live.svelte'

// Answers seen lately, so that going back shows at once what was there.
const seen = new Map<string, { text: string; data: unknown }>()
const keep = 24

const unreadable: Problem = { status: 0, title: 'The answer of the server cannot be read.', hints: ['Something between this page and the server may have changed it.'] }

function remember(path: string, text: string, data: unknown) {
  seen.delete(path)
  seen.set(path, { text, data })
  if (seen.size > keep) seen.delete(seen.keys().next().value as string)
}

/**
 * An answer of the API that a page shows. While a newer one is on its way the old
 * one stays; one that says the same changes nothing, so nothing is drawn again.
 */
export class Resource<T> {
  data = $state.raw<T>()
  problem = $state.raw<Problem>()
  loading = $state(false)
  /** The data is of an earlier question or could not be asked for again. */
  stale = $state(false)

  #path = ''
  #text = ''
  #abort: AbortController | undefined
  #again = false

  /** Asks; undefined forgets. An effect that asks does not depend on the answer. */
  load(path: string | undefined): Promise<void> {
    return untrack(() => this.#load(path))
  }

  async #load(path: string | undefined): Promise<void> {
    // The same question waits for its answer: a server that takes longer to answer than
    // figures take to change would never be heard to the end.
    this.#again = path !== undefined && path === this.#path && this.loading
    if (this.#again) return
    this.#abort?.abort()
    if (path === undefined) return this.#forget()
    if (path !== this.#path) this.#show(path)
    this.#path = path
    const abort = (this.#abort = new AbortController())
    this.loading = true
    do {
      this.#again = false
      await this.#ask(path, abort.signal)
    } while (this.#again && !abort.signal.aborted)
    if (!abort.signal.aborted) this.loading = false
  }

  async #ask(path: string, signal: AbortSignal): Promise<void> {
    try {
      await live.ready
      const text = await get(path, signal)
      if (text !== this.#text || this.data === undefined) {
        const data = JSON.parse(text) as T
        this.#text = text
        this.data = data
        remember(path, text, data)
      }
      this.problem = undefined
      this.stale = false
    } catch (error) {
      if (signal.aborted) return
      this.problem = isProblem(error) ? error : unreadable
      this.stale = this.data !== undefined
    }
  }

  #show(path: string) {
    const before = seen.get(path)
    if (before) {
      this.data = before.data as T
      this.#text = before.text
    }
    this.stale = this.data !== undefined && !before
    this.problem = undefined
  }

  #forget() {
    this.#path = ''
    this.#text = ''
    this.data = undefined
    this.problem = undefined
    this.loading = false
    this.stale = false
  }
}
