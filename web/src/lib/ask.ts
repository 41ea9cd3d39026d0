import { app } from './app.svelte'
import { path, stepFor, stepsFor, windowParams } from './period'
import { route } from './route.svelte'
import { type Step, stepNames } from './time'

/** Hosts or services, which are never added up: as chosen, else services where the page is of them. */
export function perimeter(): string {
  const ofServices = route.page === 'services' || (route.page === 'explore' && route.get('by').split(',').includes('service'))
  return route.get('perimeter') || (ofServices ? 'services' : '')
}

/** The path of a query for the period and the policy of the page; nothing until the zone is known. */
export function question(params: Record<string, string | readonly string[] | undefined>, window?: Record<string, string>): string | undefined {
  if (!app.status.data) return undefined
  return path('query', { ...params, policy: route.get('policy'), perimeter: params['perimeter'] ?? perimeter(), ...(window ?? windowParams(app.period, app.now, app.zone)) })
}

/** The address of an account, with what was chosen on this page. */
export function accountHref(where: readonly string[]): string {
  return route.href('account', { ...route.kept(), show: route.get('show'), policy: route.get('policy'), perimeter: perimeter(), where })
}

/** The step of the page, and those that its period may be shown in; a total may be shown in more. */
export function stepping(total = false): { step: Step; options: { id: Step; name: string }[] } {
  const steps = stepsFor(app.period, app.slot, total)
  return { step: steps.find((s) => s === route.get('step')) ?? stepFor(app.period, app.slot), options: steps.map((id) => ({ id, name: stepNames[id] })) }
}
