import { screensIn } from './screens/look'

await screensIn('dark 1280', { theme: 'dark', width: 1280, height: 860 })
