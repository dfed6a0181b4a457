import { screensIn } from './screens/look'

await screensIn('dark 360', { theme: 'dark', width: 360, height: 740 })
