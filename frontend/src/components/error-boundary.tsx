import { Component, type ReactNode } from 'react'
import { tryPartsAgain } from './part'
import { ProblemCard } from './problem-card'

/** Keeps a mistake in one part from taking the page with it. */
export class ErrorBoundary extends Component<{ children: ReactNode; resetKey?: unknown }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override componentDidUpdate(before: { resetKey?: unknown }) {
    if (this.state.error !== undefined && before.resetKey !== this.props.resetKey) this.again()
  }

  again = () => {
    tryPartsAgain()
    this.setState({ error: undefined })
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    return <ProblemCard error={this.state.error} retry={this.again} />
  }
}
