import { screensIn } from './screens/look'

// A window of 1280 at 200 %.
await screensIn('zoomed 640', { theme: 'light', width: 640, height: 430, scale: 2 })
