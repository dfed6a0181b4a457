/** Lists that are shown, or counted, as a whole. */

import {
  listApprovalsQueryKey,
  listArtifactsQueryKey,
  listPlansQueryKey,
  listReviewsQueryKey,
  listStepsQueryKey,
  listTaskRunsQueryKey,
} from './generated/@tanstack/react-query.gen'
import { listApprovals, listArtifacts, listPlans, listReviews, listSteps, listTaskRuns } from './generated/sdk.gen'
import { wholeOptions } from './pages'

const of = (id: string) => ({ path: { id } })

/** What waits for a person. */
export const approvals = () =>
  wholeOptions(listApprovalsQueryKey(), (query, signal) => listApprovals({ query, signal }))

/** The runs of a task, the newest first. */
export const runsOf = (task: string) =>
  wholeOptions(listTaskRunsQueryKey(of(task)), (query, signal) => listTaskRuns({ ...of(task), query, signal }))

/** The steps of a run. */
export const stepsOf = (run: string) =>
  wholeOptions(listStepsQueryKey(of(run)), (query, signal) => listSteps({ ...of(run), query, signal }))

/** The plans of a run, the oldest first. */
export const plansOf = (run: string) =>
  wholeOptions(listPlansQueryKey(of(run)), (query, signal) => listPlans({ ...of(run), query, signal }))

/** What people have sent to a run. */
export const reviewsOf = (run: string) =>
  wholeOptions(listReviewsQueryKey(of(run)), (query, signal) => listReviews({ ...of(run), query, signal }))

/** The files that a run keeps, the oldest first. */
export const artifactsOf = (run: string) =>
  wholeOptions(listArtifactsQueryKey(of(run)), (query, signal) => listArtifacts({ ...of(run), query, signal }))
