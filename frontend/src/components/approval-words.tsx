import { CircleDollarSign, ClipboardCheck, MessageCircleQuestion, PackageCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Approval } from '@/api/generated/types.gen'
import type { Tone } from './ui/badge'

/** What a person is asked for. */
export const approvalWords: Record<Approval['kind'], { word: string; tone: Tone; icon: ReactNode }> = {
  plan: { word: 'Plan to approve', tone: 'plan', icon: <ClipboardCheck aria-hidden /> },
  question: { word: 'Question', tone: 'wait', icon: <MessageCircleQuestion aria-hidden /> },
  budget: { word: 'Out of budget', tone: 'wait', icon: <CircleDollarSign aria-hidden /> },
  delivery: { word: 'Delivery to approve', tone: 'plan', icon: <PackageCheck aria-hidden /> },
}
