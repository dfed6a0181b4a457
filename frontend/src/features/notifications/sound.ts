/** Two short tones. A browser lets a page be heard only after somebody has done something in it. */
export function chime(): void {
  const context = new AudioContext()
  const at = context.currentTime
  const loudness = context.createGain()
  loudness.connect(context.destination)
  loudness.gain.setValueAtTime(0.0001, at)
  loudness.gain.exponentialRampToValueAtTime(0.15, at + 0.02)
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.4)
  for (const [i, hertz] of [659, 880].entries()) {
    const tone = context.createOscillator()
    tone.frequency.value = hertz
    tone.connect(loudness)
    tone.start(at + i * 0.12)
    tone.stop(at + 0.4)
  }
  setTimeout(() => void context.close(), 1000)
}
