// All tests of the dashboard in one browser, side by side.
import './browse.mjs'
import './trust.mjs'
import './explain.mjs'
import './services.mjs'
import './states.mjs'
import { end } from './harness.mjs'

await end()
