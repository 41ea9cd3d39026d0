import type { Labels, Status } from '../api/types'
import type { Quantity } from './format'
import { periodOf, type Period } from './period'
import { Resource } from './resource.svelte'
import { route } from './route.svelte'

/** What all pages know: the state of the server, the zone of the ledger, the period. */
class App {
  status = new Resource<Status>()
  /** The labels of the accounts of the period. */
  labels = new Resource<Labels>()
  /** Moves with what is shown, not by itself: a window changes when figures do. */
  now = $state.raw(new Date())

  // The state of the server is another one each time, with its lag. What seldom
  // changes in it is derived, so that nothing is drawn again on its account.
  zone = $derived(this.status.data?.time_zone ?? 'UTC')
  simulated = $derived(this.status.data?.simulated ?? false)
  #lists = $derived(JSON.stringify([this.status.data?.levels ?? [], this.status.data?.policies ?? []]))
  #parsed = $derived(JSON.parse(this.#lists) as [string[], string[]])

  /** The labels of the usual view. */
  get levels(): readonly string[] {
    return this.#parsed[0]
  }

  /** The policies that can be asked for; the first is the ledger's own. */
  get policies(): readonly string[] {
    return this.#parsed[1]
  }

  get period(): Period {
    return periodOf(route.params, '30d')
  }

  get quantity(): Quantity {
    return route.get('show') === 'energy' ? 'energy' : 'carbon'
  }

  /** The labels that may be levels: hosts and services are never added up, so their perimeter is none. */
  known = $derived((this.labels.data?.labels ?? []).filter((l) => l.name !== 'perimeter'))

  /** The length of a slot in milliseconds. */
  get slot(): number {
    const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?/.exec(this.status.data?.slot ?? '') ?? []
    return (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1000 || 1_800_000
  }
}

export const app = new App()

export const quantities = [
  { id: 'carbon', name: 'Carbon' },
  { id: 'energy', name: 'Energy' },
] as const
